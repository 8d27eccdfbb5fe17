package document

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Bucket keeps blobs in a bucket of any store that speaks S3: three plain
// requests, each with the signature that the protocol asks for.
type Bucket struct {
	client *http.Client
	signer *v4.Signer
	who    aws.Credentials
	region string
	at     url.URL // of the bucket and the prefix of its names
	now    func() time.Time
}

// bucketWait is the longest that one blob may take.
const bucketWait = 5 * time.Minute

// NewBucket reads an address like s3://KEY:SECRET@HOST/BUCKET/PREFIX, or s3+http
// for a store without TLS on the same machine. ?region=NAME names the region
// where it must be known. now dates the signatures.
func NewBucket(address string, now func() time.Time) (*Bucket, error) {
	wrong := errors.New("MSW_BLOBS must be a folder or s3://KEY:SECRET@HOST/BUCKET")
	u, err := url.Parse(address)
	if err != nil {
		return nil, wrong // the error itself would tell the secret
	}
	secret, given := u.User.Password()
	path := strings.Trim(u.Path, "/")
	scheme := map[string]string{"s3": "https", "s3+http": "http"}[u.Scheme]
	if scheme == "" || u.Host == "" || path == "" || !given {
		return nil, wrong
	}
	region := u.Query().Get("region")
	if region == "" {
		region = "us-east-1" // what stores other than Amazon's take for their own
	}
	return &Bucket{client: &http.Client{Timeout: bucketWait}, who: aws.Credentials{AccessKeyID: u.User.Username(), SecretAccessKey: secret},
		signer: v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }), region: region,
		at: url.URL{Scheme: scheme, Host: u.Host, Path: "/" + path + "/"}, now: now}, nil
}

// ask sends one signed request; the caller closes the body of an answer.
func (b *Bucket) ask(ctx context.Context, method, name string, body []byte) (*http.Response, error) {
	at := b.at
	at.Path += name
	r, err := http.NewRequestWithContext(ctx, method, at.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
	if method == http.MethodPut {
		r.Header.Set("Content-Type", "application/octet-stream")
	}
	if err := b.signer.SignHTTP(ctx, b.who, r, hex.EncodeToString(sum[:]), "s3", b.region, b.now()); err != nil {
		return nil, err
	}
	return b.client.Do(r)
}

// done closes an answer that has nothing to give, and says why it was none.
func done(method, name string, answer *http.Response) error {
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusNotFound:
		return fs.ErrNotExist
	case answer.StatusCode/100 == 2:
		return nil
	}
	why, _ := io.ReadAll(io.LimitReader(answer.Body, 500)) // the store's own words, for the log
	return fmt.Errorf("%s %s: the store answered %s: %s", method, name, answer.Status, why)
}

// Put stores all of r. A blob is at most the largest file and a little more, so
// that one request holds it and the store keeps it whole or not at all.
func (b *Bucket) Put(ctx context.Context, name string, r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	answer, err := b.ask(ctx, http.MethodPut, name, data)
	if err != nil {
		return err
	}
	return done(http.MethodPut, name, answer)
}

// Open reads what lies under a name; fs.ErrNotExist when nothing does.
func (b *Bucket) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	answer, err := b.ask(ctx, http.MethodGet, name, nil)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		if err := done(http.MethodGet, name, answer); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s: the store answered %s", name, answer.Status)
	}
	return answer.Body, nil
}

// Delete takes a name away.
func (b *Bucket) Delete(ctx context.Context, name string) error {
	answer, err := b.ask(ctx, http.MethodDelete, name, nil)
	if err != nil {
		return err
	}
	return done(http.MethodDelete, name, answer)
}
