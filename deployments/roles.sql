-- Made from the code by "make deployments", or "usher accounts database"; a change here
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

SELECT :'owner' AS owner \gset
\unset password
\getenv password POSTGRES_OWNER_PASSWORD
SELECT format('CREATE ROLE %I', :'owner') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \gexec
ALTER ROLE :"owner" LOGIN PASSWORD :'password';
ALTER DATABASE :"DBNAME" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

SELECT :'owner' || '_event' AS event \gset
\unset password
\getenv password POSTGRES_EVENT_PASSWORD
SELECT format('CREATE ROLE %I', :'event') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'event') \gexec
ALTER ROLE :"event" LOGIN PASSWORD :'password';
GRANT CONNECT, TEMPORARY ON DATABASE :"DBNAME" TO :"event";

SELECT :'owner' || '_people' AS people \gset
\unset password
\getenv password POSTGRES_PEOPLE_PASSWORD
SELECT format('CREATE ROLE %I', :'people') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'people') \gexec
ALTER ROLE :"people" LOGIN PASSWORD :'password';
GRANT CONNECT, TEMPORARY ON DATABASE :"DBNAME" TO :"people";

SELECT :'owner' || '_schedule' AS schedule \gset
\unset password
\getenv password POSTGRES_SCHEDULE_PASSWORD
SELECT format('CREATE ROLE %I', :'schedule') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'schedule') \gexec
ALTER ROLE :"schedule" LOGIN PASSWORD :'password';
GRANT CONNECT, TEMPORARY ON DATABASE :"DBNAME" TO :"schedule";

SELECT :'owner' || '_media' AS media \gset
\unset password
\getenv password POSTGRES_MEDIA_PASSWORD
SELECT format('CREATE ROLE %I', :'media') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'media') \gexec
ALTER ROLE :"media" LOGIN PASSWORD :'password';
GRANT CONNECT, TEMPORARY ON DATABASE :"DBNAME" TO :"media";

SELECT :'owner' || '_notify' AS notify \gset
\unset password
\getenv password POSTGRES_NOTIFY_PASSWORD
SELECT format('CREATE ROLE %I', :'notify') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'notify') \gexec
ALTER ROLE :"notify" LOGIN PASSWORD :'password';
GRANT CONNECT, TEMPORARY ON DATABASE :"DBNAME" TO :"notify";

SELECT :'owner' || '_query' AS query \gset
\unset password
\getenv password POSTGRES_QUERY_PASSWORD
SELECT format('CREATE ROLE %I', :'query') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'query') \gexec
ALTER ROLE :"query" LOGIN PASSWORD :'password';
GRANT CONNECT ON DATABASE :"DBNAME" TO :"query";

