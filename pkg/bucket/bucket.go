// Package bucket is what Usher needs of a blob store beyond gocloud.dev/blob:
// the layout of the keys, an upload that is durable when it returns, and random
// access to a blob that a zip reader can live with. Ingest stores archives
// through it, the stages read them, the media stage stores files.
//
// The drivers are linked by the blank import of pkg/bucket/drivers, in main
// and in tests only.
package bucket

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Bucket is a blob store. It is safe for concurrent use. The methods of the
// embedded blob.Bucket serve for what this package does not do itself:
// listing, whole and ranged reads, signed URLs. Writing goes through Store.
type Bucket struct {
	*blob.Bucket
	// root is the folder of a file bucket, and empty for any other.
	root string
	// withoutLinks tells that the store gives out no addresses, see Open.
	withoutLinks bool
	doubt        doubt
	metrics      *Metrics
}

// Metrics are those of what this bucket is asked for.
func (b *Bucket) Metrics() *Metrics { return b.metrics }

// Open opens the bucket that a URL names, such as "file:///var/lib/usher/blobs",
// "mem://", "s3://name?region=eu-central-1", "gs://name" or "azblob://name".
//
// The folder of a file bucket is created where it is missing, readable by its
// owner only. Three parameters are set for file buckets unless the URL has them:
//
//   - no_tmp_dir=true: the temporary file lies beside the blob, so that the
//     final rename never crosses a device;
//   - metadata=skip: there are no sidecar files. The driver writes them neither
//     atomically nor durably, and a torn one makes its blob unreadable. What is
//     lost is the content type and the MD5 that the store would keep; Usher
//     keeps the type, the size and the SHA-256 where it keeps the key;
//   - dir_file_mode=0700: an archive holds personal data.
//
// For any bucket signed_links=false says that browsers do not reach the store,
// such as one in a network of its own: Link then gives no addresses.
//
// The error never repeats user information or parameters of the URL.
func Open(ctx context.Context, rawURL string) (*Bucket, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme == "" {
		return nil, errors.New("bucket URL: not a URL such as file:///folder, s3://name, gs://name or azblob://name")
	}
	shown := u.Scheme + "://" + u.Host + u.Path
	root := ""
	if u.Scheme == "file" {
		if root, err = fileBucket(u); err != nil {
			return nil, fmt.Errorf("bucket %s: %w", shown, err)
		}
	}
	withoutLinks, err := takeSignedLinks(u)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", shown, err)
	}
	b, err := blob.DefaultURLMux().OpenBucketURL(ctx, u)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %s", shown, withoutSecrets(err.Error(), u))
	}
	return &Bucket{Bucket: b, root: root, withoutLinks: withoutLinks, metrics: NewMetrics()}, nil
}

// takeSignedLinks takes the parameter signed_links, which is ours, out of the
// URL: drivers refuse what they do not know.
func takeSignedLinks(u *url.URL) (without bool, err error) {
	const name = "signed_links"
	query := u.Query()
	if !query.Has(name) {
		return false, nil
	}
	with, err := strconv.ParseBool(query.Get(name))
	if err != nil {
		return false, errors.New(name + " must be true or false")
	}
	query.Del(name)
	u.RawQuery = query.Encode()
	return !with, nil
}

// fileBucket completes the parameters of a file URL, creates its folder and
// returns that folder.
func fileBucket(u *url.URL) (string, error) {
	root := u.Path
	switch u.Host {
	case "", "localhost":
	case ".":
		root = strings.TrimPrefix(root, "/")
	default:
		// The driver would ignore the host and use another folder than meant.
		return "", fmt.Errorf("%q stands in the place of a host; an absolute folder needs three slashes", u.Host)
	}
	query := u.Query()
	for name, value := range map[string]string{"no_tmp_dir": "true", "metadata": "skip", "dir_file_mode": "0700"} {
		if !query.Has(name) {
			query.Set(name, value)
		}
	}
	u.RawQuery = query.Encode()

	root, err := filepath.Abs(filepath.FromSlash(root))
	if err != nil {
		return "", err
	}
	return root, makeFolder(root)
}

// withoutSecrets blanks whatever of a URL could be a credential.
func withoutSecrets(text string, u *url.URL) string {
	secrets := []string{u.RawQuery}
	if u.User != nil {
		password, _ := u.User.Password()
		secrets = append(secrets, u.User.String(), password, u.User.Username())
	}
	for _, values := range u.Query() {
		for _, value := range values {
			secrets = append(secrets, url.QueryEscape(value), value)
		}
	}
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}

// Ping tells whether the bucket answers, at the price of one small request. A
// bucket that answers may take nothing all the same, because its disk or its
// quota is full: after a Store that has failed Ping stores something as well, which
// goes on where ctx ends before.
func (b *Bucket) Ping(ctx context.Context) error {
	if err := b.answers(ctx); err != nil {
		return err
	}
	return b.dispel(ctx)
}

func (b *Bucket) answers(ctx context.Context) error {
	if b.root != "" {
		// Listing, which is how the portable check does it, would walk through
		// every folder of a file bucket.
		if info, err := os.Stat(b.root); err != nil || !info.IsDir() {
			return fmt.Errorf("%w: folder %s is not there", ErrUnavailable, b.root)
		}
		return nil
	}
	accessible, err := b.IsAccessible(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, withoutQueries(err))
	}
	if !accessible {
		return fmt.Errorf("%w: it does not exist", ErrUnavailable)
	}
	return nil
}

// Delete removes a blob. A blob that is not there is no error.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	return Insist(ctx, func() error { return b.deleteOnce(ctx, key) })
}

func (b *Bucket) deleteOnce(ctx context.Context, key string) (err error) {
	ctx, op := b.begin(ctx, "delete")
	defer func() { op.end(err) }()
	err = b.Bucket.Delete(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil
	}
	return failure(ctx, "delete", key, err)
}

// DeleteBelow removes every blob whose key begins with prefix, such as all that
// belongs to an import. It may be repeated.
func (b *Bucket) DeleteBelow(ctx context.Context, prefix string) error {
	for listed, err := range b.Below(ctx, prefix) {
		if err != nil {
			return err
		}
		if err := b.Delete(ctx, listed.Key); err != nil {
			return err
		}
	}
	return nil
}
