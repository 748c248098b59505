-- One row: the version of the layout that the other files of this folder describe.
CREATE TABLE schema_version (
    version INTEGER NOT NULL
);
