package deployments_test

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone"
	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

// pods are those of all workloads of an overlay, by the workload's name.
func pods(all map[string]map[string]object) map[string]podSpec {
	found := make(map[string]podSpec)
	for _, kind := range []string{"Deployment", "Job"} {
		for name, o := range all[kind] {
			found[name] = o.Spec.Template.Spec
		}
	}
	return found
}

func TestEachServiceIsADeploymentOfItsImage(t *testing.T) {
	t.Parallel()
	for _, overlay := range overlays(t) {
		all := manifests(t, overlay)
		require.Len(t, all["Deployment"], len(contracts.Services()))
		for _, s := range contracts.Services() {
			pod := all["Deployment"][string(s)].Spec.Template.Spec
			require.Len(t, pod.Containers, 1)
			require.Regexp(t, `/usher-`+string(s)+`:v\d+\.\d+\.\d+$`, pod.Containers[0].Image)
		}
		for _, name := range []string{"provision", "migrate"} {
			for full, job := range all["Job"] {
				if c := job.Spec.Template.Spec.Containers[0]; c.Name == name {
					_, version, _ := strings.Cut(c.Image, ":")
					require.Equal(t, name+"-"+version, full, "the next version is another Job")
					require.Equal(t, []string{name}, c.Args)
					require.Equal(t, "usher", path.Base(strings.TrimSuffix(c.Image, ":"+version)))
				}
			}
		}
		require.Len(t, all["Job"], 2)
	}
}

func TestPodsAreGivenWhatTheyReadAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, overlay := range overlays(t) {
		all := manifests(t, overlay)
		settings := all["ConfigMap"]
		for _, s := range standalone.Services() {
			reads, needs := deployments.Reads(s)
			if slices.Contains(reads, "USHER_PUBLIC_URL") {
				needs = append(needs, "USHER_PUBLIC_URL") // else links would name the pod
			}
			c := all["Deployment"][string(s.Name)].Spec.Template.Spec.Containers[0]
			require.Len(t, c.EnvFrom, 1)
			given := slices.Collect(maps.Keys(settings[c.EnvFrom[0].ConfigMapRef.Name].Data))
			for _, v := range c.Env {
				given = append(given, v.Name)
				if strings.HasPrefix(v.Name, "USHER_") {
					require.Contains(t, reads, v.Name, "%s is given a secret that it does not read", s.Name)
				}
				if strings.HasPrefix(v.Name, "AWS_") {
					require.True(t, s.UsesBucket, s.Name)
				}
			}
			for _, name := range needs {
				require.Contains(t, given, name, "%s in %s", s.Name, overlay)
			}
			require.Len(t, slices.Compact(slices.Sorted(slices.Values(given))), len(given), "%s is told something twice", s.Name)
		}
	}
}

func TestSettingsAreThoseThatThereAreAndNoneIsASecret(t *testing.T) {
	t.Parallel()
	var known, secret []string
	for _, s := range standalone.Services() {
		reads, _ := deployments.Reads(s)
		known = append(known, reads...)
	}
	for _, overlay := range overlays(t) {
		all := manifests(t, overlay)
		for _, pod := range pods(all) {
			for _, v := range pod.Containers[0].Env {
				if v.ValueFrom.SecretKeyRef.Name != "" {
					require.Empty(t, v.Value)
					secret = append(secret, v.Name)
				}
			}
		}
		for name, settings := range all["ConfigMap"] {
			for setting := range settings.Data {
				if strings.HasPrefix(name, "usher-") {
					require.Contains(t, known, setting, overlay)
				}
				require.NotContains(t, secret, setting, overlay)
			}
		}
		require.Empty(t, all["Secret"], "secrets are referred to")
	}
	require.Contains(t, secret, "USHER_DATABASE_URL")
	require.Contains(t, secret, "USHER_JWT_SECRET")
}

func TestEachProcessHasAnAccountOfItsOwn(t *testing.T) {
	t.Parallel()
	taken := make(map[string]string)
	for _, pod := range pods(manifests(t, "production")) {
		c := pod.Containers[0]
		for _, v := range c.Env {
			if v.Name != "USHER_NATS_URL" && v.Name != "USHER_DATABASE_URL" {
				continue
			}
			key := v.ValueFrom.SecretKeyRef.Name + "/" + v.ValueFrom.SecretKeyRef.Key
			require.NotContains(t, taken, key, "%s and %s", c.Name, taken[key])
			taken[key] = c.Name
		}
	}
	require.Contains(t, taken, "usher-broker/media")
	require.Contains(t, taken, "usher-database/migrate")
}

func TestPodsHaveNoRights(t *testing.T) {
	t.Parallel()
	for _, overlay := range overlays(t) {
		all := manifests(t, overlay)
		for name, pod := range pods(all) {
			require.True(t, pod.SecurityContext.RunAsNonRoot, name)
			require.Equal(t, "RuntimeDefault", pod.SecurityContext.SeccompProfile.Type, name)
			require.NotNil(t, pod.AutomountServiceAccountToken, name)
			require.False(t, *pod.AutomountServiceAccountToken, name)
			require.False(t, pod.HostNetwork, name)
			for _, v := range pod.Volumes {
				require.NotNil(t, v.ConfigMap, "%s writes to %s", name, v.Name)
			}
			for _, c := range pod.Containers {
				require.True(t, c.SecurityContext.ReadOnlyRootFilesystem, name)
				require.NotNil(t, c.SecurityContext.AllowPrivilegeEscalation, name)
				require.False(t, *c.SecurityContext.AllowPrivilegeEscalation, name)
				require.Equal(t, []string{"ALL"}, c.SecurityContext.Capabilities.Drop, name)
				require.Empty(t, c.SecurityContext.Capabilities.Add, name)
				for _, resource := range []string{"cpu", "memory"} {
					require.Contains(t, c.Resources.Requests, resource, name)
					require.Contains(t, c.Resources.Limits, resource, name)
				}
			}
		}
		require.Equal(t, "restricted", all["Namespace"]["usher"].Metadata.Labels["pod-security.kubernetes.io/enforce"])
	}
}

func TestNetworkLetsEachServiceReachWhatItUses(t *testing.T) {
	t.Parallel()
	for _, overlay := range overlays(t) {
		all := manifests(t, overlay)
		require.Empty(t, labelsBy(all["NetworkPolicy"]["nothing-else"]), "it is about all pods")
		// allowed tells whether the policy of that name chooses the pods of a workload.
		allowed := func(labels map[string]string, name string) bool {
			require.Contains(t, all["NetworkPolicy"], name)
			chosen := labelsBy(all["NetworkPolicy"][name])
			require.NotEmpty(t, chosen, "%s is about all pods", name)
			return within(chosen, labels)
		}
		for _, s := range standalone.Services() {
			labels := all["Deployment"][string(s.Name)].Spec.Template.Metadata.Labels
			require.True(t, allowed(labels, "to-broker"), s.Name)
			require.Equal(t, s.Migrations != nil, allowed(labels, "to-database"), s.Name)
			require.Equal(t, s.UsesBucket, allowed(labels, "to-bucket"), s.Name)
			require.Equal(t, s.Routes != nil, allowed(labels, "from-gateway"), s.Name)
			reads, _ := deployments.Reads(s)
			require.Equal(t, slices.Contains(reads, "USHER_SMTP_URL"), allowed(labels, "to-mail"), s.Name)
			require.Equal(t, s.Name == contracts.MediaService, allowed(labels, "to-web"), s.Name)
		}
		for _, job := range all["Job"] {
			labels := job.Spec.Template.Metadata.Labels
			migrates := job.Spec.Template.Spec.Containers[0].Name == "migrate"
			require.Equal(t, migrates, allowed(labels, "to-database"))
			require.Equal(t, !migrates, allowed(labels, "to-broker"))
		}
	}
}

// labelsBy are the labels by which a policy chooses pods, beside that they are Usher's.
func labelsBy(policy object) map[string]string {
	labels := maps.Clone(policy.Spec.PodSelector.MatchLabels)
	delete(labels, "app.kubernetes.io/part-of")
	return labels
}

func within(part, whole map[string]string) bool {
	for name, value := range part {
		if whole[name] != value {
			return false
		}
	}
	return true
}

func TestNothingIsNamedThatIsNotThere(t *testing.T) {
	t.Parallel()
	for _, overlay := range overlays(t) {
		all := manifests(t, overlay)
		// chosen are the deployments whose pods have these labels.
		chosen := func(labels map[string]any) (names []string) {
			wanted := make(map[string]string)
			for name, value := range labels {
				wanted[name], _ = value.(string)
			}
			for name, d := range all["Deployment"] {
				if within(wanted, d.Spec.Template.Metadata.Labels) {
					names = append(names, name)
				}
			}
			return names
		}
		matchLabels := func(o object) map[string]any {
			labels, _ := o.Spec.Selector["matchLabels"].(map[string]any)
			return labels
		}
		for name, d := range all["Deployment"] {
			require.Equal(t, []string{name}, chosen(matchLabels(d)), "it takes its own pods for its own")
			require.Contains(t, all["ServiceAccount"], d.Spec.Template.Spec.ServiceAccountName)
			require.Equal(t, []string{name}, chosen(matchLabels(all["PodDisruptionBudget"][name])))
		}
		for name, s := range all["Service"] {
			require.Equal(t, []string{name}, chosen(s.Spec.Selector))
			ports := all["Deployment"][name].Spec.Template.Spec.Containers[0].Ports
			require.Equal(t, s.Spec.Ports[0].TargetPort, ports[0].Name)
			require.Equal(t, 8080, ports[0].ContainerPort, "it listens on its default port")
		}
		for name, route := range all["HTTPRoute"] {
			for _, rule := range route.Spec.Rules {
				require.Len(t, rule.BackendRefs, 1, name)
				require.Contains(t, all["Service"], rule.BackendRefs[0].Name)
				require.Equal(t, all["Service"][name].Spec.Ports[0].Port, rule.BackendRefs[0].Port)
			}
		}
		for name, pod := range pods(all) {
			for _, from := range pod.Containers[0].EnvFrom {
				require.Contains(t, all["ConfigMap"], from.ConfigMapRef.Name, name)
			}
		}
		for name, scaled := range all["ScaledObject"] {
			require.Contains(t, all["Deployment"], scaled.Spec.ScaleTargetRef.Name, name)
			require.Nil(t, all["Deployment"][name].Spec.Replicas, "who applies it again would set back what scales it")
			for _, trigger := range scaled.Spec.Triggers {
				require.Contains(t, all["TriggerAuthentication"], trigger.AuthenticationRef.Name)
			}
		}
		for name, a := range all["TriggerAuthentication"] {
			for _, from := range a.Spec.ConfigMapTargetRef {
				require.Contains(t, all["ConfigMap"][from.Name].Data, from.Key, name)
			}
		}
	}
}

func TestProductionScalesEachStageAndMediaToNothing(t *testing.T) {
	t.Parallel()
	scaled := manifests(t, "production")["ScaledObject"]
	require.Len(t, scaled, len(contracts.Stages()))
	for _, stage := range contracts.Stages() {
		var consumers []string
		for _, trigger := range scaled[string(stage)].Spec.Triggers {
			require.Equal(t, contracts.Names{}.ImportsStream(), trigger.Metadata["stream"])
			consumers = append(consumers, trigger.Metadata["consumer"])
		}
		var want []string
		for _, c := range (contracts.Names{}).ConsumersOf(stage) {
			want = append(want, c.Name)
		}
		require.Equal(t, want, consumers)
		// Who answers requests, or has something to do beside its stage, must be there.
		require.Equal(t, stage == contracts.Media, scaled[string(stage)].Spec.MinReplicaCount == 0, stage)
	}
	media := standalone.Services()[slices.Index(contracts.Services(), contracts.MediaService)]
	require.Nil(t, media.Routes)
	require.Nil(t, media.Loops)
}
