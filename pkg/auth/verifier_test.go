package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
)

var config = auth.Config{
	Secret:   "a secret for tests, 32 bytes and more",
	Issuer:   "usher",
	Audience: "usher-api",
}

// claimsOf are those of a token that counts; a test changes what it is about.
func claimsOf(change map[string]any) jwt.MapClaims {
	claims := jwt.MapClaims{
		"iss": config.Issuer, "aud": config.Audience, "sub": "ada",
		"email": "ada@conf.example", "exp": time.Now().Add(time.Hour).Unix(),
	}
	for name, value := range change {
		if value == nil {
			delete(claims, name)
		} else {
			claims[name] = value
		}
	}
	return claims
}

func sign(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	require.NoError(t, err)
	return token
}

func newVerifier(t *testing.T) *auth.Verifier {
	t.Helper()
	v, err := auth.NewVerifier(config)
	require.NoError(t, err)
	return v
}

func TestVerifierAcceptsWhatTheSignerIssues(t *testing.T) {
	t.Parallel()
	signer, err := auth.NewSigner(config)
	require.NoError(t, err)
	token, err := signer.Issue(auth.Identity{Subject: "ada", Email: "ada@conf.example", Admin: true}, time.Minute)
	require.NoError(t, err)

	id, err := newVerifier(t).Verify(token)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(time.Minute+30*time.Second), id.Until, 5*time.Second, "the clocks of two machines differ")
	id.Until = time.Time{}
	require.Equal(t, auth.Identity{Issuer: "usher", Subject: "ada", Email: "ada@conf.example", Admin: true}, id)
	require.Equal(t, contracts.Owner{Issuer: "usher", Subject: "ada", Email: "ada@conf.example"}, id.Owner())
}

func TestSignerRefusesAnIdentityThatNoVerifierWouldAccept(t *testing.T) {
	t.Parallel()
	signer, err := auth.NewSigner(config)
	require.NoError(t, err)
	for _, id := range []auth.Identity{{}, {Subject: "ada", Issuer: "another"}, {Subject: "a\x00da"}, {Subject: "ada", Email: "a@b.example\r\nBcc: c@d.example"}} {
		_, err := signer.Issue(id, time.Minute)
		require.Error(t, err, "%+v", id)
	}
}

func TestVerifierRefuses(t *testing.T) {
	t.Parallel()
	secret := []byte(config.Secret)
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	hs256 := func(change map[string]any) string {
		return sign(t, jwt.SigningMethodHS256, secret, claimsOf(change))
	}
	good := hs256(nil)
	parts := strings.Split(good, ".")
	otherClaims := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil,
		`{"iss":"usher","aud":"usher-api","sub":"ada","admin":true,"exp":%d}`, time.Now().Add(time.Hour).Unix()))

	for name, test := range map[string]struct{ token, reason string }{
		"garbage":             {"no-token-at-all", "not a JWT"},
		"expired":             {hs256(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}), "expired"},
		"not valid yet":       {hs256(map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}), "not valid yet"},
		"no expiry":           {hs256(map[string]any{"exp": nil}), "lacks its expiry"},
		"wrong issuer":        {hs256(map[string]any{"iss": "another"}), "issuer"},
		"no issuer":           {hs256(map[string]any{"iss": nil}), "issuer"},
		"wrong audience":      {hs256(map[string]any{"aud": "another"}), "audience"},
		"no audience":         {hs256(map[string]any{"aud": nil}), "audience"},
		"no subject":          {hs256(map[string]any{"sub": nil}), "no subject"},
		"NUL in the subject":  {hs256(map[string]any{"sub": "a\x00da"}), "control characters"},
		"line break in email": {hs256(map[string]any{"email": "a@b.example\r\nBcc: c@d.example"}), "control characters"},
		"endless subject":     {hs256(map[string]any{"sub": strings.Repeat("a", 300)}), "too long"},
		"endless token":       {hs256(map[string]any{"x": strings.Repeat("a", 9000)}), "too long"},
		"other secret":        {sign(t, jwt.SigningMethodHS256, []byte("another secret of thirty-two bytes"), claimsOf(nil)), "signature"},
		"HS512":               {sign(t, jwt.SigningMethodHS512, secret, claimsOf(nil)), "algorithm"},
		"ES256":               {sign(t, jwt.SigningMethodES256, ecKey, claimsOf(nil)), "algorithm"},
		"alg none":            {sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claimsOf(nil)), "algorithm"},
		"alg none, signed":    {base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "." + parts[2], "algorithm"},
		"claims exchanged":    {parts[0] + "." + otherClaims + "." + parts[2], "signature"},
		"signature cut off":   {parts[0] + "." + parts[1] + ".", "signature"},
		"signature too short": {good[:len(good)-3], "signature"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, err := newVerifier(t).Verify(test.token)
			require.ErrorIs(t, err, auth.ErrBadToken)
			require.ErrorContains(t, err, test.reason)
			require.Zero(t, id)
			for part := range strings.SplitSeq(test.token, ".") {
				if part != "" {
					require.NotContains(t, err.Error(), part)
				}
			}
		})
	}
}

func TestVerifierAllowsForClocksThatDiffer(t *testing.T) {
	t.Parallel()
	token := sign(t, jwt.SigningMethodHS256, []byte(config.Secret), claimsOf(map[string]any{
		"exp": time.Now().Add(-5 * time.Second).Unix(),
	}))
	_, err := newVerifier(t).Verify(token)
	require.NoError(t, err)
}

func TestVerifierReadsTheAuthorizationHeader(t *testing.T) {
	t.Parallel()
	good := sign(t, jwt.SigningMethodHS256, []byte(config.Secret), claimsOf(nil))
	for name, test := range map[string]struct {
		headers []string
		want    error
	}{
		"Bearer":            {[]string{"Bearer " + good}, nil},
		"bearer":            {[]string{"bearer " + good}, nil},
		"JWT":               {[]string{"JWT " + good}, nil},
		"jwt, more blanks":  {[]string{"jwt   " + good + " "}, nil},
		"none":              {nil, auth.ErrNoToken},
		"empty":             {[]string{""}, auth.ErrNoToken},
		"scheme alone":      {[]string{"Bearer"}, auth.ErrNoToken},
		"another scheme":    {[]string{"Basic " + good}, auth.ErrNoToken},
		"no scheme":         {[]string{good}, auth.ErrNoToken},
		"two headers":       {[]string{"Bearer " + good, "Bearer " + good}, auth.ErrBadToken},
		"something after":   {[]string{"Bearer " + good + " x"}, auth.ErrBadToken},
		"broken token":      {[]string{"Bearer x.y.z"}, auth.ErrBadToken},
		"two tokens in one": {[]string{"Bearer " + good + ", Bearer " + good}, auth.ErrBadToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			for _, header := range test.headers {
				r.Header.Add("Authorization", header)
			}
			id, err := newVerifier(t).FromRequest(r)
			require.ErrorIs(t, err, test.want)
			if test.want == nil {
				require.Equal(t, "ada", id.Subject)
			}
		})
	}
}

func TestKeySetVerifierAcceptsTheKeysOfTheSetOnly(t *testing.T) {
	t.Parallel()
	known, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	unknown, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	v, err := auth.NewKeySetVerifier(config, []string{"ES256"}, func(token *jwt.Token) (any, error) {
		if token.Header["kid"] != "one" {
			return nil, errors.New("no such key")
		}
		return &known.PublicKey, nil
	})
	require.NoError(t, err)
	signed := func(kid string, key *ecdsa.PrivateKey) string {
		token := jwt.NewWithClaims(jwt.SigningMethodES256, claimsOf(nil))
		token.Header["kid"] = kid
		text, err := token.SignedString(key)
		require.NoError(t, err)
		return text
	}

	_, err = v.Verify(signed("one", known))
	require.NoError(t, err)
	_, err = v.Verify(signed("one", unknown))
	require.ErrorIs(t, err, auth.ErrBadToken)
	_, err = v.Verify(signed("two", known))
	require.ErrorIs(t, err, auth.ErrBadToken)
	_, err = v.Verify(sign(t, jwt.SigningMethodHS256, []byte(config.Secret), claimsOf(nil)))
	require.ErrorIs(t, err, auth.ErrBadToken)
}

func TestKeySetVerifierTakesNoSymmetricAlgorithm(t *testing.T) {
	t.Parallel()
	key := func(*jwt.Token) (any, error) { return nil, nil }
	for _, methods := range [][]string{nil, {"HS256"}, {"none"}, {"ES256", "HS512"}, {"unheard-of"}} {
		_, err := auth.NewKeySetVerifier(config, methods, key)
		require.Error(t, err, "%v", methods)
	}
}

func TestConfigNeedsALongSecretAnIssuerAndAnAudience(t *testing.T) {
	t.Parallel()
	for _, c := range []auth.Config{
		{Secret: "short", Issuer: "usher", Audience: "usher"},
		{Secret: config.Secret, Audience: "usher"},
		{Secret: config.Secret, Issuer: "usher"},
	} {
		_, err := auth.NewVerifier(c)
		require.ErrorContains(t, err, "USHER_JWT_")
		require.NotContains(t, err.Error(), c.Secret)
		_, err = auth.NewSigner(c)
		require.Error(t, err)
	}
}

func TestConfigNeverShowsItsSecret(t *testing.T) {
	t.Parallel()
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("starting", "auth", config, "pointer", &config)
	around := struct{ Auth auth.Config }{config}
	for _, text := range []string{logged.String(), fmt.Sprintf("%v %+v %#v %s", config, &config, config, config), fmt.Sprintf("%v %+v %#v", around, around, around)} {
		require.Contains(t, text, "usher-api")
		require.NotContains(t, text, config.Secret)
	}
}
