package deployments

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/service"
)

// Rights are what the role of each service may do in the database.
func Rights(services []service.Service) []postgres.Rights {
	var all []postgres.Rights
	for _, s := range services {
		if s.Migrations == nil {
			continue
		}
		r := postgres.Rights{Schema: string(s.Name)}
		for _, v := range contracts.ViewsFor(s.Name) {
			r.Views = append(r.Views, postgres.View{Schema: string(v.Schema), Name: v.Name})
		}
		all = append(all, r)
	}
	return all
}

// Roles is a script for psql, to be run by a superuser on Usher's database before
// it is migrated: it makes the role that migrates and one for each service that has
// tables. For a crew it makes a role with the rights of all of its services.
func Roles(services []service.Service, crews ...Crew) []byte {
	var b strings.Builder
	b.WriteString(`-- Made from the code by "make deployments", or "usher accounts database"; a change here
-- would be lost. For psql, as a superuser, on the database that is to be Usher's:
--
--     psql -f roles.sql postgres://postgres@host/usher
--
-- It makes a role for "usher migrate", which owns the tables, and one for each service,
-- which has its own and cannot change what they are like. "usher migrate" gives these
-- their rights in the schemas, with each version anew. The passwords come from the
-- environment of psql; running it again sets others.
--
-- Several installations share a server by names of their own: -v owner=staging.
\set ON_ERROR_STOP on
\if :{?owner}
\else
\set owner usher
\endif

`)
	role(&b, "owner", Variable("POSTGRES", "owner"), `:'owner'`)
	b.WriteString(`ALTER DATABASE :"DBNAME" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

`)
	for _, s := range services {
		if s.Migrations == nil {
			continue
		}
		name := string(s.Name)
		role(&b, name, Variable("POSTGRES", name), `:'owner' || '_`+name+`'`)
		allowed := "CONNECT"
		// Rows are made ready in temporary tables; query's stage only reads rows, and writes one.
		if s.Stages != nil && s.Name != contracts.QueryService {
			allowed += ", TEMPORARY"
		}
		fmt.Fprintf(&b, "GRANT %s ON DATABASE :\"DBNAME\" TO :\"%s\";\n\n", allowed, name)
	}
	for _, c := range crews {
		name := strings.ReplaceAll(c.Name(), "-", "_")
		role(&b, name, Variable("POSTGRES", name), `:'owner' || '_`+name+`'`)
		for _, s := range services {
			if s.Migrations != nil && slices.Contains(c, s.Name) {
				fmt.Fprintf(&b, "GRANT :\"%s\" TO :\"%s\";\n", s.Name, name)
			}
		}
		b.WriteString("\n")
	}
	return []byte(b.String())
}

// role makes a role where it is missing, and sets its password. Its name is the value
// of an expression, and afterwards that of a variable of psql.
func role(b *strings.Builder, variable, password, name string) {
	fmt.Fprintf(b, "SELECT %s AS %s \\gset\n", name, variable)
	// Without the first line one that is not set would be that of the role before.
	fmt.Fprintf(b, "\\unset password\n\\getenv password %s\n", password)
	fmt.Fprintf(b, "SELECT format('CREATE ROLE %%I', :'%[1]s') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'%[1]s') \\gexec\n", variable)
	fmt.Fprintf(b, "ALTER ROLE :\"%s\" LOGIN PASSWORD :'password';\n", variable)
}
