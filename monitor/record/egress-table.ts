/**
 * Where each workload talked to, by the hour. `name` is empty where none was known, `port` is -1 for
 * protocols without ports, `image` is empty where it was not told. `hour` is its start.
 */
export const egressTable = `
  CREATE TABLE egress_destinations (
    id INTEGER PRIMARY KEY,
    workload TEXT NOT NULL,
    hour INTEGER NOT NULL,
    image TEXT NOT NULL,
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    protocol TEXT NOT NULL,
    port INTEGER NOT NULL,
    looks INTEGER NOT NULL,
    sent_packets INTEGER NOT NULL,
    sent_bytes INTEGER NOT NULL,
    received_packets INTEGER NOT NULL,
    received_bytes INTEGER NOT NULL,
    refused_packets INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX egress_by_destination
    ON egress_destinations (workload, hour, address, name, protocol, port, image);
  CREATE INDEX egress_by_hour ON egress_destinations (hour);
`;

/** Which names each workload was refused, or had to wait for, by the hour; counts are of questions. */
export const refusedNameTable = `
  CREATE TABLE egress_names (
    id INTEGER PRIMARY KEY,
    workload TEXT NOT NULL,
    hour INTEGER NOT NULL,
    name TEXT NOT NULL,
    refused INTEGER NOT NULL,
    held INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX egress_names_by_name ON egress_names (workload, hour, name);
  CREATE INDEX egress_names_by_hour ON egress_names (hour);
`;

/** Which names were asked and answered besides, and what was refused that no destination could be told of. */
export const askedNameColumns = `
  ALTER TABLE egress_names ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE egress_names ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;
  UPDATE egress_names SET asked = refused + held;

  CREATE TABLE egress_kinds (
    id INTEGER PRIMARY KEY,
    workload TEXT NOT NULL,
    hour INTEGER NOT NULL,
    kind TEXT NOT NULL,
    packets INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX egress_kinds_by_kind ON egress_kinds (workload, hour, kind);
  CREATE INDEX egress_kinds_by_hour ON egress_kinds (hour);
`;
