package standalone_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone"
	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

// repository is the root of the repository, seen from here.
const repository = "../.."

func deploymentFile(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, "deployments", name))
	require.NoError(t, err)
	return string(content)
}

// composed reads compose.yaml as Docker does, with nothing set from outside.
func composed(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(repository, "deployments", "compose.yaml")})
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	return project
}

func TestCommittedDeploymentsAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	const mend = `run "make deployments"`
	require.Equal(t, string(deployments.Caddyfile()), deploymentFile(t, deployments.FrontFile), mend)
	settings, err := deployments.Environment(standalone.Services())
	require.NoError(t, err)
	require.Equal(t, string(settings), deploymentFile(t, deployments.SettingsFile), mend)
	require.Equal(t, string(deployments.BrokerAccounts(deployments.Accounts(contracts.Names{}))), deploymentFile(t, deployments.AccountsFile), mend)
	require.Equal(t, string(deployments.Roles(standalone.Services())), deploymentFile(t, deployments.RolesFile), mend)
	kubernetes, err := deployments.Kubernetes(standalone.Services())
	require.NoError(t, err)
	for name, want := range kubernetes {
		require.Equal(t, string(want), deploymentFile(t, name), mend)
	}
}

func TestComposeRunsEveryServiceWithWhatItReadsAndNothingElse(t *testing.T) {
	t.Parallel()
	project := composed(t)
	for _, s := range standalone.Services() {
		c, err := project.GetService(string(s.Name))
		require.NoError(t, err)
		require.Equal(t, string(s.Name), *c.Build.Args["SERVICE"])
		require.Equal(t, "usher-"+string(s.Name), c.Image)
		require.Empty(t, c.Ports, "%s is reached through the front", s.Name)

		reads, needs := deployments.Reads(s)
		if s.UsesBucket {
			needs = append(needs, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
		}
		if slices.Contains(reads, "USHER_PUBLIC_URL") {
			needs = append(needs, "USHER_PUBLIC_URL") // else links would name the container
		}
		for _, name := range needs {
			require.Contains(t, c.Environment, name, s.Name)
		}
		for name := range c.Environment {
			require.True(t, slices.Contains(reads, name) || slices.Contains(needs, name), "%s is given %s", s.Name, name)
		}

		after := []string{"provision"}
		if s.Migrations != nil {
			after = append(after, "migrate")
		}
		for _, first := range after {
			require.Equal(t, types.ServiceConditionCompletedSuccessfully, c.DependsOn[first].Condition, s.Name)
		}
		if s.UsesBucket {
			require.Equal(t, types.ServiceConditionHealthy, c.DependsOn["s3"].Condition, s.Name)
			after = append(after, "s3")
		}
		require.Len(t, c.DependsOn, len(after), "%s waits for no other service", s.Name)
	}
	for _, name := range []string{"provision", "migrate"} {
		require.Equal(t, "standalone", *project.Services[name].Build.Args["SERVICE"])
		require.Equal(t, types.ShellCommand{name}, project.Services[name].Command)
	}
}

func TestComposePinsImagesAndShowsTheFrontAlone(t *testing.T) {
	t.Parallel()
	project := composed(t)
	for name, c := range project.Services {
		if c.Build == nil {
			require.Regexp(t, `:v?\d+\.\d+(\.\d+)?(-alpine)?$`, c.Image, name)
		} else {
			require.True(t, c.ReadOnly, name)
			require.Equal(t, []string{"ALL"}, c.CapDrop, name)
		}
		for _, published := range c.Ports {
			// Everybody knows the passwords, among them the secret of the tokens.
			require.Equal(t, "127.0.0.1", published.HostIP, "%s is open to the world", name)
		}
		for first, waiting := range c.DependsOn {
			if waiting.Condition == types.ServiceConditionHealthy {
				require.NotNil(t, project.Services[first].HealthCheck, "%s waits for the health of %s", name, first)
			}
		}
	}
}

func TestFrontReachesTheServicesWhereComposeHasThem(t *testing.T) {
	t.Parallel()
	project := composed(t)
	upstreams := regexp.MustCompile(`\$" (\S+)`).FindAllStringSubmatch(deploymentFile(t, deployments.FrontFile), -1)
	require.NotEmpty(t, upstreams)
	for _, upstream := range upstreams {
		name, port, _ := strings.Cut(upstream[1], ":")
		require.Contains(t, contracts.Services(), contracts.Service(name))
		require.Contains(t, project.Services, name)
		require.NotContains(t, project.Services[name].Environment, "USHER_LISTEN", "it listens on its default port")
		require.Equal(t, "8080", port)
	}
}

func TestComposeHasTheBrokerThatUsherEmbeds(t *testing.T) {
	t.Parallel()
	modules, err := os.ReadFile(filepath.Join(repository, "pkg", "go.mod"))
	require.NoError(t, err)
	require.Contains(t, string(modules), "github.com/nats-io/nats-server/v2 v"+versionOf(t, "nats")+"\n")
}

// versionOf is the version of a server's image in compose.yaml: "2.15.2".
func versionOf(t *testing.T, service string) string {
	t.Helper()
	image := composed(t).Services[service].Image
	_, tag, ok := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	require.True(t, ok, image)
	return strings.TrimPrefix(strings.TrimSuffix(tag, "-alpine"), "v")
}

// serverProgram is the program of a server of compose.yaml, of the very version
// that stands there.
func serverProgram(t *testing.T, service, program string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(repository, ".tools", program+"-v"+versionOf(t, service), program))
	require.NoError(t, err)
	require.FileExists(t, path, `the tests need the servers of deployments/compose.yaml: run "make servers"`)
	return path
}

// instructions are those of the Dockerfile, each on one line.
func instructions(t *testing.T) []string {
	t.Helper()
	text := regexp.MustCompile(`(?m)^#.*\n`).ReplaceAllString(deploymentFile(t, "Dockerfile"), "")
	return strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\\\n", " ")), "\n")
}

func TestDockerfileKnowsEveryModule(t *testing.T) {
	t.Parallel()
	work, err := os.ReadFile(filepath.Join(repository, "go.work"))
	require.NoError(t, err)
	modules := regexp.MustCompile(`(?m)^\t\./(\S+)$`).FindAllStringSubmatch(string(work), -1)
	require.NotEmpty(t, modules)
	for _, module := range modules {
		folder := module[1]
		want := "COPY " + folder + "/go.mod"
		if _, err := os.Stat(filepath.Join(repository, folder, "go.sum")); err == nil {
			want += " " + folder + "/go.sum"
		}
		require.Contains(t, instructions(t), want+" "+folder+"/")
	}
}

func TestImageRunsAsNobodyAndHoldsOneProgram(t *testing.T) {
	t.Parallel()
	all := instructions(t)
	last := all[slices.IndexFunc(all, func(i string) bool { return strings.HasPrefix(i, "FROM scratch") }):]
	require.Contains(t, last, "USER 65534:65534")
	require.Contains(t, last, `ENTRYPOINT ["/service"]`)
	require.Len(t, slices.DeleteFunc(slices.Clone(last), func(i string) bool { return !strings.HasPrefix(i, "COPY") }), 2)
}
