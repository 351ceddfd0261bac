package contracts

import (
	"slices"
	"strings"
)

// Permissions are what an account of the broker may do, as patterns of subjects.
type Permissions struct {
	// Publish lists where it may send to. Never is what it must not reach by one
	// of the wildcards there.
	Publish, Never []string
	// Subscribe lists what it may listen to.
	Subscribe []string
	// Answers tells that it may answer whoever asks it something, once for each
	// question.
	Answers bool
}

// Provisioner is the account of those who administer: of `usher provision`, which makes
// streams, buckets and consumers, of `usher doctor`, and of `usher backup` and `usher
// restore`. No service may what it may.
const Provisioner = "provision"

// Inbox is what the subjects begin with to which an account has its answers sent.
// Each has its own, so that none reads the answers of another.
func (n Names) Inbox(account string) string { return "_INBOX_" + n.name(account) }

// BucketStream names the stream that keeps a key-value bucket, and what comes
// before a key in its subjects.
func BucketStream(bucket string) (stream, prefix string) {
	return "KV_" + bucket, "$KV." + bucket + "."
}

// Permissions are all that a process of the given services needs of the broker:
// what each of them publishes and consumes, by the pipelines, and the requests to
// JetStream that the broker's client makes for it.
func (n Names) Permissions(services ...Service) Permissions {
	var all Permissions
	for _, s := range services {
		all.add(n.permissionsOf(s))
	}
	// What one service of the process must not reach another one may have to.
	all.Never = slices.DeleteFunc(all.Never, func(s string) bool { return slices.Contains(all.Publish, s) })
	return all
}

func (p *Permissions) add(more Permissions) {
	p.Publish = merge(p.Publish, more.Publish)
	p.Never = merge(p.Never, more.Never)
	p.Subscribe = merge(p.Subscribe, more.Subscribe)
	p.Answers = p.Answers || more.Answers
}

// merge adds to a list what it lacks.
func merge(list, more []string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// jetStream is the subject of a request to JetStream.
func jetStream(tokens ...string) string { return "$JS.API." + strings.Join(tokens, ".") }

func (n Names) permissionsOf(s Service) Permissions {
	p := Permissions{
		Publish:   append(n.looks(), jetStream("STREAM", "MSG", "GET", n.ImportsStream())),
		Subscribe: []string{n.Inbox(string(s)) + ".>"},
	}
	if slices.Contains(Stages(), Stage(s)) {
		p.add(n.stagePermissions(Stage(s)))
	}
	switch s {
	case IngestService:
		p.add(n.ingestPermissions())
	case EventService:
		p.Publish = append(p.Publish, n.Control(EventArchive, "*")) // edited and deleted over HTTP
	case QueryService:
		p.add(n.queryPermissions())
	}
	return p
}

// looks are the requests by which every process verifies that all is there.
func (n Names) looks() []string {
	all := []string{jetStream("INFO")}
	for _, s := range n.AllStreams() {
		all = append(all, jetStream("STREAM", "INFO", s))
	}
	for _, c := range n.Consumers() {
		all = append(all, jetStream("CONSUMER", "INFO", c.Stream, c.Name))
	}
	return all
}

// AllStreams names the streams, and those that keep the buckets.
func (n Names) AllStreams() []string {
	var all []string
	for _, s := range n.Streams() {
		all = append(all, s.Name)
	}
	for _, b := range n.Buckets() {
		stream, _ := BucketStream(b.Name)
		all = append(all, stream)
	}
	return all
}

func (n Names) stagePermissions(s Stage) Permissions {
	p := Permissions{Answers: true, Subscribe: []string{"$SRV.PING", "$SRV.INFO", "$SRV.STATS"}}
	for _, verb := range []string{"PING", "INFO", "STATS"} {
		p.Subscribe = append(p.Subscribe, "$SRV."+verb+"."+n.Presence(), "$SRV."+verb+"."+n.Presence()+".*")
	}
	for _, c := range n.ConsumersOf(s) {
		p.Publish = append(p.Publish,
			jetStream("CONSUMER", "MSG", "NEXT", c.Stream, c.Name),
			"$JS.ACK."+c.Stream+"."+c.Name+".>",
			n.outcomes(c.Kind, s),
			n.Status(c.Kind, "*"),
			n.Dead(c.Name),
		)
		if pipeline, _ := PipelineOf(c.Kind); pipeline.Last() == s {
			p.Publish = append(p.Publish, n.Control(c.Kind, "*")) // the end of an import
		}
	}
	p.Publish = append(p.Publish, n.remapSubjects(s)...)
	return p
}

// outcomes is the pattern of every outcome of a stage.
func (n Names) outcomes(k Kind, s Stage) string {
	return n.subject("import", string(k), string(s), "*", "*", "*")
}

// remapSubjects are for the remaps that a stage makes, and those that it looks up.
func (n Names) remapSubjects(s Stage) []string {
	stream, prefix := BucketStream(n.RemapsBucket())
	var all []string
	for _, t := range EntityTypes() {
		if t.Maker() != s || !t.Remapped() {
			continue
		}
		key := prefix + "*.*." + string(t)
		all = append(all, key, key+".*")
	}
	if len(all) > 0 { // to take them back they are listed, which the broker does by a consumer
		all = append(all,
			jetStream("CONSUMER", "CREATE", stream, "*"), jetStream("CONSUMER", "DELETE", stream, "*"),
			"$JS.FC."+stream+".>")
	}
	if len(s.Needs()) > 0 {
		all = append(all, reads(stream, prefix)...)
	}
	return all
}

// reads are the requests for values of a bucket: the second where the bucket has
// several replicas.
func reads(stream, prefix string) []string {
	return []string{
		jetStream("DIRECT", "GET", stream, prefix+">"),
		jetStream("STREAM", "MSG", "GET", stream),
	}
}

func (n Names) ingestPermissions() Permissions {
	stream, prefix := BucketStream(n.UploadsBucket())
	p := Permissions{Publish: append(reads(stream, prefix), prefix+"*.*")}
	for _, pipeline := range Pipelines() {
		if pipeline.Kind.Uploaded() {
			p.Publish = append(p.Publish, n.Outcome(pipeline.Kind, Ingest, "*", 1, OutcomeCompleted))
		}
		p.Publish = append(p.Publish, n.Control(pipeline.Kind, "*"))
	}
	for _, c := range n.Consumers() {
		p.Publish = append(p.Publish, jetStream("CONSUMER", "PAUSE", c.Stream, c.Name))
	}
	return p
}

func (n Names) queryPermissions() Permissions {
	remaps, _ := BucketStream(n.RemapsBucket())
	p := Permissions{
		Publish: []string{
			n.live("*", "*"),
			n.Outcome(EventExport, Ingest, "*", 1, OutcomeCompleted), // who asks for an export asks here
			"$SRV.PING." + n.Presence(),
			// Sweeping, and what was buried.
			jetStream("STREAM", "PURGE", n.ImportsStream()), jetStream("STREAM", "PURGE", remaps),
			jetStream("STREAM", "MSG", "GET", n.DeadStream()), jetStream("STREAM", "MSG", "DELETE", n.DeadStream()),
		},
		Subscribe: []string{n.AllLive()},
	}
	// It reads streams from end to end, by consumers of its own that have names of
	// chance. Those of the stages it must not touch.
	for _, stream := range []string{n.ImportsStream(), n.StatusStream(), n.DeadStream(), remaps} {
		p.Publish = append(p.Publish, consumersOfItsOwn(stream)...)
	}
	for _, c := range n.Consumers() {
		p.Never = append(p.Never,
			jetStream("CONSUMER", "CREATE", c.Stream, c.Name), jetStream("CONSUMER", "CREATE", c.Stream, c.Name, ">"),
			jetStream("CONSUMER", "MSG", "NEXT", c.Stream, c.Name), jetStream("CONSUMER", "DELETE", c.Stream, c.Name))
	}
	return p
}

// consumersOfItsOwn are the requests of who reads a stream from end to end.
func consumersOfItsOwn(stream string) []string {
	return []string{
		jetStream("CONSUMER", "CREATE", stream, "*"), jetStream("CONSUMER", "CREATE", stream, "*", ">"),
		jetStream("CONSUMER", "INFO", stream, "*"), jetStream("CONSUMER", "MSG", "NEXT", stream, "*"),
		jetStream("CONSUMER", "DELETE", stream, "*"),
	}
}

// ProvisionPermissions are those of Provisioner.
func (n Names) ProvisionPermissions() Permissions {
	p := Permissions{Publish: n.looks(), Subscribe: []string{n.Inbox(Provisioner) + ".>"}}
	for _, s := range n.AllStreams() {
		p.Publish = append(p.Publish, jetStream("STREAM", "CREATE", s), jetStream("STREAM", "UPDATE", s))
	}
	for _, s := range n.Streams() {
		p.Publish = append(p.Publish,
			jetStream("STREAM", "SNAPSHOT", s.Name), "$JS.SNAPSHOT.ACK."+s.Name+".>",
			jetStream("STREAM", "RESTORE", s.Name), "$JS.SNAPSHOT.RESTORE."+s.Name+".>")
	}
	p.Publish = append(p.Publish, "$SRV.PING."+n.Presence(), jetStream("STREAM", "MSG", "GET", n.ImportsStream()))
	p.Publish = append(p.Publish, consumersOfItsOwn(n.DeadStream())...)
	for _, c := range n.Consumers() {
		p.Publish = append(p.Publish, jetStream("CONSUMER", "CREATE", c.Stream, c.Name))
	}
	return p
}
