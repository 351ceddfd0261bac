package broker

import (
	"context"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"

	"github.com/usher-events/usher/pkg/broker/embedded"
)

// suiteFeatures are declared and explained in the package comment.
var suiteFeatures = tests.Features{
	ConsumerGroups:                      true,
	GuaranteedOrder:                     true,
	GuaranteedOrderWithSingleSubscriber: true,
	Persistent:                          true,
}

func TestConformsToWatermill(t *testing.T) {
	t.Parallel()
	pubSub, groups := suite(startServer(t))
	tests.TestPubSub(t, suiteFeatures, pubSub, groups)
}

// suite makes publishers and subscribers over topics of any name, which are
// provisioned when they are first named. Each pair has its own connection, as
// separate processes have.
func suite(srv *embedded.Server) (tests.PubSubConstructor, tests.ConsumerGroupPubSubConstructor) {
	groups := func(t *testing.T, group string) (message.Publisher, message.Subscriber) {
		b := connect(t, srv, "")
		s := subscriberOf(t, b, SubscriberConfig{
			MaxTries:     1000,        // the suite nacks a lot
			CloseTimeout: time.Second, // and leaves messages unsettled
		})
		p := provisioner{b: b, group: group}
		s.resolve = func(topic string) (string, string, error) {
			return topic, p.consumer(topic), p.provision(topic)
		}
		return b.Publisher(), suiteSubscriber{s, p}
	}
	return func(t *testing.T) (message.Publisher, message.Subscriber) { return groups(t, "all") }, groups
}

type provisioner struct {
	b     *Broker
	group string
}

func (p provisioner) consumer(topic string) string { return topic + "-" + p.group }

func (p provisioner) provision(topic string) error {
	return makeTopic(context.Background(), p.b, topic, p.consumer(topic), ackWait)
}

type suiteSubscriber struct {
	*Subscriber
	provisioner
}

func (s suiteSubscriber) SubscribeInitialize(topic string) error { return s.provision(topic) }

var _ message.SubscribeInitializer = suiteSubscriber{}
