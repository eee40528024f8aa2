"""The tables that stand beside the log and are written in its transactions. Text is compared byte for byte."""

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

CREATE TABLE IF NOT EXISTS lapsed_sales (
    source text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    PRIMARY KEY (source, id)
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
CREATE INDEX IF NOT EXISTS agenda_timers ON agenda (target)
    WHERE errand IN ('checkpoint', 'due_soon', 'overdue') AND scheduled IS DISTINCT FROM due;

CREATE TABLE IF NOT EXISTS evaluated (
    target uuid PRIMARY KEY,
    cutoff timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS followers (
    name text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL
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
"""
"""
sale_identities: one row a sale for ever: what makes a sale count once. `root` is the sale that a void or
    correction belongs to; null when it is a sale itself.
sale_versions: the latest version of each sale that was voided or corrected.
waiting_sales: what counts nothing until its sale comes, in order of `turn`.
lapsed_sales: what waited and no longer applied when its sale came, until it has been told.
agenda: what is to be done about which target, and when; `since`: the first late sale of a spell; `scheduled`: when
    its timer rings. Without `due` it is off, and its timer is to be taken back.
evaluated: the last cut-off that each target was evaluated at: what comes in before it is late.
followers: up to which position of the log each worker that decides from facts has done so.
metrics, routes, routing: what sales count toward. `routing.version` grows with every change, `changed` says with which.
"""
