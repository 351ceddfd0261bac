package live

import "github.com/prometheus/client_golang/prometheus"

// Gauge shows Prometheus how many streams this process holds open.
func (h *Hub) Gauge() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "usher_live_streams", Help: "How many clients watch imports by a stream.",
	}, func() float64 {
		h.mu.Lock()
		defer h.mu.Unlock()
		return float64(h.count)
	})
}
