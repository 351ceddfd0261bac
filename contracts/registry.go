package contracts

// Registry maps each message type to a function that makes an empty payload of it.
func Registry() map[string]func() Payload {
	types := make(map[string]func() Payload)
	for _, make := range []func() Payload{
		func() Payload { return new(ImportRequested) },
		func() Payload { return new(ExportRequested) },
		func() Payload { return new(EventImported) },
		func() Payload { return new(PeopleImported) },
		func() Payload { return new(ScheduleImported) },
		func() Payload { return new(MediaImported) },
		func() Payload { return new(EventExported) },
		func() Payload { return new(StageFailed) },
		func() Payload { return new(ImportFinished) },
		func() Payload { return new(CancelRequested) },
		func() Payload { return new(DiscardRequested) },
		func() Payload { return new(EventEdited) },
		func() Payload { return new(ReplayRequested) },
		func() Payload { return new(Progress) },
		func() Payload { return new(StageCleared) },
	} {
		types[make().MessageType()] = make
	}
	return types
}
