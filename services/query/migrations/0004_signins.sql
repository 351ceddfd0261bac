-- The codes that have signed somebody in, so that none does a second time. A row
-- may go once its code has expired.
CREATE TABLE signins (
    jti        text PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
