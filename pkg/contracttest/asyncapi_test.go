package contracttest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// asyncAPI is what the AsyncAPI document says, as far as the contracts can be
// asked about it.
type asyncAPI struct{ tree any }

func readAsyncAPI(t *testing.T) asyncAPI {
	t.Helper()
	tree, err := readTree(contracts.AsyncAPI())
	require.NoError(t, err)
	return asyncAPI{tree: tree}
}

// names are those that the document spells: without a prefix.
var names = contracts.Names{}

// addresses maps the keys of the channels to their addresses, with some import
// and attempt for the parameters.
func (a asyncAPI) addresses(t *testing.T, kind contracts.Kind, consumer string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for key, channel := range at(a.tree, "channels") {
		address := at(channel)["address"].(string)
		for parameter := range at(channel, "parameters") {
			value, ok := map[string]string{
				"kind": string(kind), "import": id, "attempt": "3", "consumer": consumer, "owner": someOwner(),
			}[parameter]
			require.True(t, ok, "channel %s has a parameter %q", key, parameter)
			require.Contains(t, address, "{"+parameter+"}", key)
			address = strings.ReplaceAll(address, "{"+parameter+"}", value)
		}
		require.NotContains(t, address, "{", key)
		all[key] = address
	}
	return all
}

// messageOf returns the name of the message that is sent by an operation: the
// one of its channel, or the one that it chooses where the channel has several.
func (a asyncAPI) messageOf(t *testing.T, o operation) string {
	t.Helper()
	messages := at(a.tree, "channels", o.channel, "messages")
	if len(messages) == 1 {
		for _, message := range messages {
			return at(a.follow(t, message))["name"].(string)
		}
	}
	require.Len(t, o.messages, 1, o)
	return at(a.follow(t, a.follow(t, o.messages[0])))["name"].(string)
}

// live is the channel that is of no stream.
const live = "live"

// someOwner is an owner as subjects have them.
func someOwner() string { return strings.Split(names.Live(contracts.Owner{}, id), ".")[2] }

func (a asyncAPI) follow(t *testing.T, reference any) any {
	t.Helper()
	ref, ok := at(reference)["$ref"].(string)
	require.True(t, ok && strings.HasPrefix(ref, "#/"), reference)
	target := lookUp(a.tree, ref[1:])
	require.NotNil(t, target, ref)
	return target
}

// operation is one line of what a service does.
type operation struct {
	action, service, channel, consumer string
	// messages are references to those of the channel; none are all of them.
	messages []any
	// kinds are those that it is for; none are all that the service has a stage of.
	kinds []any
}

// projects tells whether an operation is one of query as who shows everything, rather
// than of its stage: the projection has no consumer that others share, and query alone
// sends what is live.
func (o operation) projects() bool {
	return o.service == string(contracts.QueryService) &&
		(o.action == "receive" && o.consumer == "" || o.action == "send" && o.channel == live)
}

// isFor tells whether an operation belongs to a kind of import.
func (o operation) isFor(p contracts.Pipeline) bool {
	return p.Position(contracts.Stage(o.service)) >= 0 &&
		(len(o.kinds) == 0 || slices.Contains(o.kinds, any(string(p.Kind))))
}

func (a asyncAPI) operations(t *testing.T) []operation {
	t.Helper()
	var all []operation
	for key, o := range at(a.tree, "operations") {
		a.follow(t, at(o)["channel"])
		tags := at(o)["tags"].([]any)
		require.Len(t, tags, 1, key)
		service := at(tags[0])["name"].(string)
		require.True(t, strings.HasPrefix(key, service), key)
		consumer, _ := at(o)["x-consumer"].(string)
		messages, _ := at(o)["messages"].([]any)
		kinds, _ := at(o)["x-kinds"].([]any)
		all = append(all, operation{
			messages: messages,
			kinds:    kinds,
			action:   at(o)["action"].(string),
			service:  service,
			channel:  strings.TrimPrefix(at(o, "channel")["$ref"].(string), "#/channels/"),
			consumer: consumer,
		})
	}
	return all
}

// sent is a message at the place where it goes out.
type sent struct{ service, subject, message string }

func TestAsyncAPIIsOfTheVersionThatWeWrite(t *testing.T) {
	t.Parallel()
	require.Equal(t, "3.0.0", at(readAsyncAPI(t).tree)["asyncapi"])
}

func TestAsyncAPIHasEveryMessageWithItsSchema(t *testing.T) {
	t.Parallel()
	document := readAsyncAPI(t)
	var types []string
	for key, message := range at(document.tree, "components", "messages") {
		name := at(message)["name"].(string)
		if key == "unreadable" || key == "task" {
			continue // the one can be anything, the other is a document of the HTTP interface
		}
		types = append(types, name)
		require.Equal(t, "./schemas/"+contracts.SchemaPath(name), at(message, "payload", "schema")["$ref"], key)
		require.Equal(t, "application/schema+json;version=2020-12", at(message, "payload")["schemaFormat"], key)
	}
	var want []string
	for messageType := range contracts.Registry() {
		want = append(want, messageType)
	}
	require.ElementsMatch(t, want, types)
}

func TestAsyncAPIListsTheKinds(t *testing.T) {
	t.Parallel()
	require.ElementsMatch(t, kinds(), at(readAsyncAPI(t).tree, "components", "parameters", "kind")["enum"])
}

func TestAsyncAPIReceivesWhatTheConsumersHear(t *testing.T) {
	t.Parallel()
	document := readAsyncAPI(t)
	for _, consumer := range names.Consumers() {
		addresses := document.addresses(t, consumer.Kind, consumer.Name)
		pipeline, _ := contracts.PipelineOf(consumer.Kind)
		var filters []string
		for _, o := range document.operations(t) {
			if o.action != "receive" || o.service != string(consumer.Stage) || !o.isFor(pipeline) || o.projects() {
				continue
			}
			require.Equal(t, consumer.Name, strings.ReplaceAll(o.consumer, "{kind}", string(consumer.Kind)), o)
			filters = append(filters, strings.NewReplacer(id, "*", ".3.", ".*.").Replace(addresses[o.channel]))
		}
		require.ElementsMatch(t, consumer.Filters, filters, consumer.Name)
	}
}

func TestAsyncAPISendsWhatThePipelinesSay(t *testing.T) {
	t.Parallel()
	document := readAsyncAPI(t)
	for _, p := range contracts.Pipelines() {
		var want, got []sent
		for _, stage := range p.Stages {
			service := string(stage)
			add := func(subject, message string) { want = append(want, sent{service, subject, message}) }
			completed := names.Outcome(p.Kind, stage, id, 3, contracts.OutcomeCompleted)
			if stage == contracts.Ingest {
				if p.Kind.Uploaded() {
					add(completed, new(contracts.ImportRequested).MessageType())
				} else { // who answers who asks for an export begins it
					want = append(want, sent{string(contracts.QueryService), completed, new(contracts.ExportRequested).MessageType()})
				}
				for _, command := range []contracts.Payload{
					new(contracts.ReplayRequested), new(contracts.CancelRequested), new(contracts.DiscardRequested),
				} {
					add(names.Control(p.Kind, id), command.MessageType())
				}
				continue
			}
			if stage == p.Last() {
				add(names.Control(p.Kind, id), new(contracts.ImportFinished).MessageType())
			} else {
				add(completed, contracts.CompletionOf(stage, contracts.Completed{}).MessageType())
			}
			add(names.Outcome(p.Kind, stage, id, 3, contracts.OutcomeFailed), new(contracts.StageFailed).MessageType())
			add(names.Status(p.Kind, id), new(contracts.Progress).MessageType())
			add(names.Status(p.Kind, id), new(contracts.StageCleared).MessageType())
			add(names.Dead(names.Consumer(p.Kind, stage)), "unreadable")
			if p.Kind == contracts.EventArchive && stage == contracts.Event { // deleting an event takes back its import
				add(names.Control(p.Kind, id), new(contracts.DiscardRequested).MessageType())
				add(names.Control(p.Kind, id), new(contracts.EventEdited).MessageType())
			}
		}
		for _, o := range document.operations(t) {
			if o.action == "send" && o.isFor(p) && !o.projects() {
				addresses := document.addresses(t, p.Kind, names.Consumer(p.Kind, contracts.Stage(o.service)))
				got = append(got, sent{o.service, addresses[o.channel], document.messageOf(t, o)})
			}
		}
		require.ElementsMatch(t, want, got, p.Kind)
	}
}

func TestAsyncAPIShowsQueryAllOfItsStreams(t *testing.T) {
	t.Parallel()
	document := readAsyncAPI(t)
	var want, got []string
	for key, channel := range at(document.tree, "channels") {
		if at(channel)["x-stream"] != names.DeadStream() {
			want = append(want, key)
		}
	}
	for _, o := range document.operations(t) {
		if o.projects() && o.action == "receive" {
			require.Empty(t, o.kinds, o.channel)
			got = append(got, o.channel)
		}
	}
	require.ElementsMatch(t, want, got)
}

func TestAsyncAPIHasOperationsOfKindsThatTheServiceWorksOn(t *testing.T) {
	t.Parallel()
	for _, o := range readAsyncAPI(t).operations(t) {
		if o.projects() {
			continue
		}
		for _, kind := range o.kinds {
			p, ok := contracts.PipelineOf(contracts.Kind(kind.(string)))
			require.True(t, ok && o.isFor(p), "%s is not for %v: %v", o.service, kind, o)
		}
	}
}

func TestAsyncAPIHasQuerySendWhatIsLive(t *testing.T) {
	t.Parallel()
	var senders []string
	for _, o := range readAsyncAPI(t).operations(t) {
		if o.action == "send" && o.channel == live {
			senders = append(senders, o.service)
		}
	}
	require.Equal(t, []string{string(contracts.QueryService)}, senders)
}

func TestAsyncAPINamesTheStreamOfEachChannelAndUsesEachChannel(t *testing.T) {
	t.Parallel()
	document := readAsyncAPI(t)
	for key, address := range document.addresses(t, contracts.EventArchive, "some-consumer") {
		require.True(t, slices.ContainsFunc(document.operations(t), func(o operation) bool {
			return o.action == "send" && o.channel == key
		}), "nobody sends on %s", key)
		if key == live {
			require.Nil(t, at(document.tree, "channels", key)["x-stream"])
			require.Equal(t, names.Live(contracts.Owner{}, id), address)
			continue
		}
		i := slices.IndexFunc(names.Streams(), func(s contracts.Stream) bool {
			return s.Name == at(document.tree, "channels", key)["x-stream"]
		})
		require.GreaterOrEqual(t, i, 0, key)
		subjects := names.Streams()[i].Subjects
		require.True(t, slices.ContainsFunc(subjects, func(pattern string) bool {
			return strings.HasPrefix(address, strings.TrimSuffix(pattern, ">"))
		}), "%s is not among %v", address, subjects)
	}
}

func TestEveryReferenceInAsyncAPILeadsSomewhere(t *testing.T) {
	t.Parallel()
	document := readAsyncAPI(t)
	objects(document.tree, "", func(where string, object map[string]any) {
		ref, ok := object["$ref"].(string)
		if !ok {
			return
		}
		if path, isFile := strings.CutPrefix(ref, "./schemas/"); isFile {
			_, err := readSchema(path)
			require.NoError(t, err, where)
			return
		}
		if path, isOpenAPI := strings.CutPrefix(ref, "./openapi/"); isOpenAPI {
			file, pointer, _ := strings.Cut(path, "#")
			all := openAPI(t)[contracts.Service(strings.TrimSuffix(file, ".yaml"))]
			require.NotNil(t, lookUp(all, pointer), where)
			return
		}
		document.follow(t, object)
	})
}
