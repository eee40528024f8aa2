"""The tables that stand beside the log and are written in its transactions. Text is compared byte for byte."""

NOT_PROGRESS = "topic LIKE 'target.%' AND topic <> 'target.progress_recorded'"
"""What befell targets but their counted sales, of which one may have millions: the log has an index of these alone, and
PostgreSQL takes it only for a query that says so in these words."""

LOG_TABLES = """
CREATE TABLE IF NOT EXISTS sale_identities (
    source text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    content bytea NOT NULL,
    batch uuid NOT NULL,
    root text COLLATE "C",
    PRIMARY KEY (source, id)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.5);

CREATE TABLE IF NOT EXISTS sale_versions (
    source text COLLATE "C" NOT NULL,
    root text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    id text COLLATE "C" NOT NULL,
    batch uuid NOT NULL,
    PRIMARY KEY (source, root)
);

CREATE TABLE IF NOT EXISTS waiting_sales (
    source text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    root text COLLATE "C" NOT NULL,
    turn bigint NOT NULL,
    batch uuid NOT NULL,
    PRIMARY KEY (source, id)
);
CREATE INDEX IF NOT EXISTS waiting_sales_root ON waiting_sales (source, root);

CREATE TABLE IF NOT EXISTS untold_refusals (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text,
    name text NOT NULL,
    body bytea NOT NULL
);

CREATE TABLE IF NOT EXISTS metrics (
    name text COLLATE "C" PRIMARY KEY,
    unit text NOT NULL,
    exponent int NOT NULL,
    changed bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS routes (
    target uuid PRIMARY KEY,
    changed bigint NOT NULL,
    filling boolean NOT NULL
);
CREATE INDEX IF NOT EXISTS routes_changed ON routes (changed);

CREATE TABLE IF NOT EXISTS routing (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    version bigint NOT NULL
);
INSERT INTO routing (version) VALUES (0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS milestones_of (
    milestone uuid PRIMARY KEY,
    turn bigint GENERATED ALWAYS AS IDENTITY,
    target uuid NOT NULL,
    by_value boolean NOT NULL
);
CREATE INDEX IF NOT EXISTS milestones_of_target ON milestones_of (target, turn);
CREATE INDEX IF NOT EXISTS milestones_of_value ON milestones_of (target) WHERE by_value;

CREATE TABLE IF NOT EXISTS memberships (
    membership uuid PRIMARY KEY,
    turn bigint GENERATED ALWAYS AS IDENTITY,
    parent uuid NOT NULL,
    member uuid NOT NULL
);
CREATE INDEX IF NOT EXISTS memberships_parent ON memberships (parent, turn);
CREATE INDEX IF NOT EXISTS memberships_member ON memberships (member, turn);

CREATE TABLE IF NOT EXISTS agenda (
    subject uuid NOT NULL,
    errand text NOT NULL,
    number int NOT NULL,
    target uuid NOT NULL,
    due timestamptz,
    since timestamptz,
    scheduled timestamptz,
    PRIMARY KEY (subject, errand, number)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX IF NOT EXISTS agenda_due ON agenda (due);
CREATE INDEX IF NOT EXISTS agenda_target ON agenda (target);
DROP INDEX IF EXISTS agenda_timers;
CREATE INDEX IF NOT EXISTS agenda_to_ring ON agenda (target)
    WHERE errand IN ('checkpoint', 'due_soon', 'overdue', 'start') AND scheduled IS DISTINCT FROM due;

CREATE TABLE IF NOT EXISTS evaluated (
    target uuid PRIMARY KEY,
    cutoff timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS evaluated_cutoff ON evaluated (cutoff);

CREATE TABLE IF NOT EXISTS known_times (
    position bigint PRIMARY KEY,
    latest timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS followers (
    name text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS relayed (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    stream text NOT NULL,
    position bigint NOT NULL,
    sequence bigint NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

CREATE TABLE IF NOT EXISTS deliveries (
    notification uuid PRIMARY KEY,
    turn bigint GENERATED ALWAYS AS IDENTITY,
    alert uuid NOT NULL,
    episode int NOT NULL,
    transition text COLLATE "C" NOT NULL,
    follows boolean NOT NULL,
    endpoint uuid NOT NULL,
    target uuid NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    queued_at timestamptz NOT NULL,
    state text COLLATE "C" NOT NULL,
    due timestamptz NOT NULL,
    lease_until timestamptz,
    attempts int NOT NULL,
    reason text NOT NULL,
    since timestamptz NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.1);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due) WHERE state <> 'dead';
CREATE INDEX IF NOT EXISTS deliveries_endpoint ON deliveries (endpoint, due, turn) WHERE state <> 'dead';
CREATE INDEX IF NOT EXISTS deliveries_alert ON deliveries (alert, endpoint, turn);
CREATE INDEX IF NOT EXISTS deliveries_dead ON deliveries (turn) WHERE state = 'dead';

CREATE TABLE IF NOT EXISTS told_alerts (
    alert uuid NOT NULL,
    endpoint uuid NOT NULL,
    episode int NOT NULL,
    follow_up boolean NOT NULL,
    PRIMARY KEY (alert, endpoint)
);

CREATE TABLE IF NOT EXISTS unheard_alerts (
    alert uuid NOT NULL,
    endpoint uuid NOT NULL,
    episode int NOT NULL,
    PRIMARY KEY (alert, endpoint)
);

CREATE TABLE IF NOT EXISTS endpoints (
    subscription uuid PRIMARY KEY,
    url text NOT NULL,
    secret text NOT NULL,
    former_secret text,
    created_at timestamptz NOT NULL DEFAULT now(),
    failing_since timestamptz,
    disabled text
);

CREATE TABLE IF NOT EXISTS audience (
    subscription uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    target uuid,
    recipient text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (subscription, kind)
);
CREATE INDEX IF NOT EXISTS audience_target ON audience (target);
CREATE INDEX IF NOT EXISTS audience_recipient ON audience (recipient);

CREATE TABLE IF NOT EXISTS trials (
    subscription uuid PRIMARY KEY,
    tried_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS api_keys (
    id text COLLATE "C" PRIMARY KEY,
    hash bytea NOT NULL,
    role text NOT NULL,
    name text NOT NULL,
    sources text[],
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE TABLE IF NOT EXISTS login_links (
    hash bytea PRIMARY KEY,
    key_id text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE TABLE IF NOT EXISTS browser_sessions (
    hash bytea PRIMARY KEY,
    key_id text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS browser_sessions_key ON browser_sessions (key_id, created_at);
"""
"""
sale_identities: one row a sale for ever: what makes a sale count once. `root` is the sale that a void or
    correction belongs to; null when it is a sale itself.
sale_versions: the latest version of each sale that was voided or corrected.
waiting_sales: what counts nothing until its sale comes, in order of `turn`.
untold_refusals: what could not be taken, or lapsed while it waited, until its publisher has been told.
milestones_of: which target each milestone is on, in order of planning; `by_value`: whether sales achieve it.
memberships: which target is, or was, a member of which, in order of joining.
agenda: what is to be done about which target, and when; `since`: the first late sale of a spell; `scheduled`: when
    its timer rings. Without `due` it is off, and its timer is to be taken back.
evaluated: the last cut-off that each target was evaluated at: what comes in before it is late.
known_times: the latest time at which anything up to a position was recorded, noted every so many positions.
followers: up to which position of the log each worker that decides from facts has done so.
metrics, routes, routing: what sales count toward. `routing.version` grows with every change, `changed` says with which.
relayed: how far the facts were published, in the stream that was made then, and that stream's last sequence.
deliveries: what is to be sent, and what died. `turn`: the order of queueing; `follows`: answers an earlier one of its
    alert; `due`: when to look at it next, the end of the lease while it is being sent; `since`: in this state.
told_alerts: the last episode of each alert that anything was delivered of, and whether that was its end.
unheard_alerts: the last episode of each alert of which a message was cancelled before anything of it was delivered.
endpoints: where each webhook subscription goes and what signs it; `disabled`: why nothing is sent any more.
audience: which subscription hears of which kind about which target (null: every), from the facts after `since` on.
trials: when each subscription was last tried out.
login_links, browser_sessions: whose key opens what in a browser, and until when; `hash`: of a token that is not kept.
"""
