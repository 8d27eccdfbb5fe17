package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Gateway sends texts by POST of JSON {"to", "text", "reference"} with a bearer
// token; any 2xx answer means taken.
type Gateway struct {
	url, token string
	client     *http.Client
}

// NewGateway makes the sender; the address must be https, or http on this
// machine.
func NewGateway(url, token string) (*Gateway, error) {
	local := strings.HasPrefix(url, "http://127.0.0.1:") || strings.HasPrefix(url, "http://localhost:")
	if !strings.HasPrefix(url, "https://") && !local {
		return nil, fmt.Errorf("text gateway %q: the address must begin with https://", url)
	}
	client := &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Gateway{url: url, token: token, client: client}, nil
}

// Send hands one text to the gateway.
func (g *Gateway) Send(ctx context.Context, m Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	body, err := json.Marshal(map[string]string{"to": m.To, "text": m.Text, "reference": m.ID})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+g.token)
	req.Header.Set("Idempotency-Key", m.ID)
	resp, err := g.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("text gateway answered %s", resp.Status)
	}
	return nil
}
