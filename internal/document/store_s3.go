package document

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Bucket keeps blobs in a bucket of any store that speaks S3.
type Bucket struct {
	client *minio.Client
	name   string
	prefix string
}

// NewBucket reads an address like s3://KEY:SECRET@HOST/BUCKET/PREFIX, or s3+http
// for a store without TLS on the same machine. ?region=NAME names the region
// where it must be known.
func NewBucket(address string) (*Bucket, error) {
	wrong := errors.New("MSW_BLOBS must be a folder or s3://KEY:SECRET@HOST/BUCKET")
	u, err := url.Parse(address)
	if err != nil {
		return nil, wrong // the error itself would tell the secret
	}
	secret, given := u.User.Password()
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if u.Scheme != "s3" && u.Scheme != "s3+http" || u.Host == "" || bucket == "" || !given {
		return nil, wrong
	}
	if prefix != "" {
		prefix += "/"
	}
	client, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(u.User.Username(), secret, ""), Secure: u.Scheme == "s3",
		Region: u.Query().Get("region"), BucketLookup: minio.BucketLookupPath})
	if err != nil {
		return nil, wrong
	}
	return &Bucket{client, bucket, prefix}, nil
}

// Put stores all of r. A blob is at most the largest file and a little more, so
// that one request holds it and the store keeps it whole or not at all.
func (b *Bucket) Put(ctx context.Context, name string, r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, err = b.client.PutObject(ctx, b.name, b.prefix+name, bytes.NewReader(data), int64(len(data)),
		minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true, SendContentMd5: true, DisableContentSha256: true})
	return err
}

// Open reads what lies under a name.
func (b *Bucket) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	o, err := b.client.GetObject(ctx, b.name, b.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	if _, err := o.Stat(); err != nil {
		_ = o.Close() // the first error is the one to tell
		if minio.ToErrorResponse(err).Code == "NoSuchKey" {
			return nil, fs.ErrNotExist
		}
		return nil, err
	}
	return o, nil
}

// Delete takes a name away.
func (b *Bucket) Delete(ctx context.Context, name string) error {
	return b.client.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{})
}
