package auth

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// maxToken is how long a token may be, in bytes.
const maxToken = 8 << 10

// Verifier checks tokens. It is safe for concurrent use.
type Verifier struct {
	tokens *jwt.Parser
	codes  *jwt.Parser
	key    jwt.Keyfunc
}

// NewVerifier returns a verifier of tokens that are signed with the secret, by
// HS256 and nothing else.
func NewVerifier(c Config) (*Verifier, error) {
	if err := errors.Join(c.validate(), c.validateSecret()); err != nil {
		return nil, err
	}
	secret := []byte(c.Secret)
	return newVerifier(c, []string{jwt.SigningMethodHS256.Alg()}, func(*jwt.Token) (any, error) { return secret, nil }), nil
}

// NewKeySetVerifier returns a verifier of tokens that somebody else signs: key
// finds the public key of a token, methods lists the algorithms that are
// accepted, for example "RS256" and "ES256". Symmetric ones are refused here:
// with them a public key would do as the secret.
func NewKeySetVerifier(c Config, methods []string, key jwt.Keyfunc) (*Verifier, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	if len(methods) == 0 || key == nil {
		return nil, errors.New("key set: methods and a key function are needed")
	}
	for _, method := range methods {
		if method == "none" || strings.HasPrefix(method, "HS") || jwt.GetSigningMethod(method) == nil {
			return nil, fmt.Errorf("key set: %q is not an asymmetric algorithm", method)
		}
	}
	return newVerifier(c, slices.Clone(methods), key), nil
}

func newVerifier(c Config, methods []string, key jwt.Keyfunc) *Verifier {
	parser := func(audience string) *jwt.Parser {
		return jwt.NewParser(
			jwt.WithValidMethods(methods),
			jwt.WithExpirationRequired(),
			jwt.WithIssuer(c.Issuer),
			jwt.WithAudience(audience),
			jwt.WithLeeway(leeway),
			jwt.WithStrictDecoding(),
		)
	}
	return &Verifier{key: key, tokens: parser(c.Audience), codes: parser(c.Audience + codeAudience)}
}

// FromRequest returns who is asking: the identity of the token in the header
// Authorization, of the scheme Bearer or, as older clients send it, JWT; without
// that header, of the token in the session cookie. It returns ErrNoToken where
// there is none, a *BadToken where it does not count, and ErrCrossOrigin where a
// page of another origin would use the cookie for more than reading.
func (v *Verifier) FromRequest(r *http.Request) (Identity, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) > 1 {
		return Identity{}, &BadToken{Reason: "there are two Authorization headers"}
	}
	if len(headers) == 0 {
		return v.fromCookie(r)
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	token = strings.TrimSpace(token)
	if token == "" || !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "JWT") {
		return Identity{}, ErrNoToken
	}
	return v.Verify(token)
}

// Verify returns the identity that a token stands for, or a *BadToken.
func (v *Verifier) Verify(token string) (Identity, error) {
	c, err := v.parse(v.tokens, token)
	if err != nil {
		return Identity{}, err
	}
	who := c.identity()
	who.Until = c.ExpiresAt.Add(leeway).UTC()
	return who, nil
}

// parse reads a token, or a code, whatever the parser is for.
func (v *Verifier) parse(parser *jwt.Parser, token string) (claims, error) {
	if len(token) > maxToken {
		return claims{}, &BadToken{Reason: "it is too long"}
	}
	var c claims
	if _, err := parser.ParseWithClaims(token, &c, v.key); err != nil {
		return claims{}, reasonOf(err)
	}
	return c, nil
}

// reasonOf replaces the parser's error, whose text may repeat parts of the
// token, by one of a few sentences.
func reasonOf(err error) error {
	if bad := (*BadToken)(nil); errors.As(err, &bad) {
		return bad
	}
	for _, known := range []struct {
		err    error
		reason string
	}{
		{jwt.ErrTokenMalformed, "it is not a JWT"},
		{jwt.ErrTokenSignatureInvalid, "its signature or algorithm is not accepted"},
		{jwt.ErrTokenUnverifiable, "its key is not known"},
		{jwt.ErrTokenExpired, "it has expired"},
		{jwt.ErrTokenNotValidYet, "it is not valid yet"},
		{jwt.ErrTokenInvalidIssuer, "its issuer is not accepted"},
		{jwt.ErrTokenInvalidAudience, "its audience is not accepted"},
		{jwt.ErrTokenRequiredClaimMissing, "it lacks its expiry, issuer or audience"},
	} {
		if errors.Is(err, known.err) {
			return &BadToken{Reason: known.reason}
		}
	}
	return &BadToken{Reason: "it is not valid"}
}
