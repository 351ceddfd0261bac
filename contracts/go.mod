module github.com/usher-events/usher/contracts

go 1.26.0
