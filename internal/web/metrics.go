package web

import (
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// Metrics are the figures under /metrics, in the Prometheus text format: how
// long requests took by route, the process, the build, and what the app adds.
// They tell about no person.
type Metrics struct {
	set   *metrics.Set
	mu    sync.Mutex
	names map[string]bool
}

// NewMetrics makes the register; version is the build's.
func NewMetrics(version string) *Metrics {
	m := &Metrics{set: metrics.NewSet(), names: map[string]bool{}}
	m.set.NewGauge(fmt.Sprintf("msw_build_info{version=%q,go=%q}", version, runtime.Version()), func() float64 { return 1 })
	return m
}

// Gauge adds a figure that is read whenever /metrics is asked, such as the
// outbox's depth. A name given twice is an error.
func (m *Metrics) Gauge(name string, read func() float64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.names[name] {
		return fmt.Errorf("metric %s: registered twice", name)
	}
	m.names[name] = true
	m.set.NewGauge(name, read)
	return nil
}

func (m *Metrics) observe(method, route string, status int, took time.Duration) {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodHead, http.MethodOptions:
	default:
		method = "other" // a label's values must be few
	}
	m.set.GetOrCreateSummary(`msw_http_request_seconds{method="` + method + `",route=` + strconv.Quote(route) + `,status="` + strconv.Itoa(status) + `"}`).Update(took.Seconds())
}

func (m *Metrics) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		m.set.WritePrometheus(w)
		metrics.WriteProcessMetrics(w)
	})
}
