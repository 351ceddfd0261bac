package standalone_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/usher-events/usher/contracts"
)

// scaler reads what KEDA reads to scale the stages, as its scaler for JetStream does.
type scaler struct {
	monitoring string
	objects    map[string]scaledObject
}

type scaledObject struct {
	Metadata struct{ Name string }
	Spec     struct {
		Triggers []struct {
			Type     string
			Metadata struct {
				Stream, Consumer       string
				ActivationLagThreshold string `yaml:"activationLagThreshold"`
			}
		}
	}
}

func newScaler(t *testing.T, monitoring string) scaler {
	t.Helper()
	s := scaler{monitoring: monitoring, objects: make(map[string]scaledObject)}
	decoder := yaml.NewDecoder(strings.NewReader(deploymentFile(t, "kubernetes/components/keda/scaled-objects.yaml")))
	for {
		var o scaledObject
		err := decoder.Decode(&o)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		s.objects[o.Metadata.Name] = o
	}
	require.Len(t, s.objects, len(contracts.Stages()))
	return s
}

// active tells whether a deployment of no replica would be given one.
func (s scaler) active(t *testing.T, stage contracts.Stage) bool {
	t.Helper()
	var answer struct {
		Accounts []struct {
			Name    string `json:"name"`
			Streams []struct {
				Name      string `json:"name"`
				Consumers []struct {
					Name       string `json:"name"`
					AckPending int    `json:"num_ack_pending"`
					Pending    int    `json:"num_pending"`
				} `json:"consumer_detail"`
			} `json:"stream_detail"`
		} `json:"account_details"`
	}
	res, err := client.Get(s.monitoring + "/jsz?" + url.Values{"acc": {"$G"}, "consumers": {"true"}, "config": {"true"}}.Encode())
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	lag := make(map[string]int)
	for _, account := range answer.Accounts {
		for _, stream := range account.Streams {
			for _, c := range stream.Consumers {
				lag[stream.Name+"/"+c.Name] = c.Pending + c.AckPending
			}
		}
	}
	active := false
	for _, trigger := range s.objects[string(stage)].Spec.Triggers {
		require.Equal(t, "nats-jetstream", trigger.Type)
		waiting, ok := lag[trigger.Metadata.Stream+"/"+trigger.Metadata.Consumer]
		require.True(t, ok, "there is no consumer %s", trigger.Metadata.Consumer)
		threshold, _ := strconv.Atoi(trigger.Metadata.ActivationLagThreshold) // none is 0
		active = active || waiting > threshold
	}
	return active
}

func (s scaler) await(t *testing.T, stage contracts.Stage, active bool) {
	t.Helper()
	require.Eventually(t, func() bool { return s.active(t, stage) == active }, patience, glance, "%s: %v", stage, active)
}

func TestWhatKEDAReadsWakesMediaForWorkAndForCommandsAndLetsItGo(t *testing.T) {
	t.Parallel()
	broker := newNode(t, "usher")
	broker.start(t)
	broker.awaitHealth(t)
	c := clusterOn(t, broker.client, testDatabase(t), "file://"+t.TempDir())
	keda := newScaler(t, "http://"+broker.health)
	front := c.run(t, "ingest", "query")
	c.run(t, "event", "people", "schedule", "notify")
	olga := c.as(t, front, "olga@organizers.example")
	for _, stage := range contracts.Stages() {
		require.False(t, keda.active(t, stage), stage)
	}

	// An import waits for media, and for nothing else.
	id := olga.upload(t, made(t, 10, 5, 1))
	olga.awaitTask(t, id, func(task contracts.Task) bool { return task.WaitingFor == contracts.Media })
	keda.await(t, contracts.Media, true)
	keda.await(t, contracts.Schedule, false)
	media := c.run(t, "media")
	olga.succeeded(t, id)
	keda.await(t, contracts.Media, false)
	media.stop(t)

	// A list does not concern it. What is taken back does: its files are to go.
	root := api{url: front.url, token: output(t, c.env, "token", "--email", "root@organizers.example", "--admin")}
	root.ended(t, root.uploadList(t, "nick,email\nmira,mira@helpers.example\n"))
	require.False(t, keda.active(t, contracts.Media))
	olga.command(t, http.MethodDelete, id, http.StatusAccepted)
	keda.await(t, contracts.Media, true)
	c.run(t, "media")
	olga.awaitTask(t, id, func(task contracts.Task) bool { return task.Cleanup != nil && task.Cleanup.Done == task.Cleanup.Total })
	keda.await(t, contracts.Media, false)
}
