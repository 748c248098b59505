-- What the calls of an agent execution cost, by model; of calls outside any agent by trace, without a span id and
-- for the agent that they name. Made by
-- settling. calls: those that count. unpriced: of them those whose cost nobody knows. stated and computed: both costs
-- of the calls for which there are both, of which the stated one counts. skipped: in an execution that counts nowhere.
CREATE TABLE spending (
    trace_id VARCHAR NOT NULL,
    span_id VARCHAR,
    agent_name VARCHAR,
    model VARCHAR,
    skipped BOOLEAN NOT NULL,
    start_ns BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    unpriced_calls BIGINT NOT NULL,
    cost_usd DOUBLE,
    wasted_cost_usd DOUBLE,
    stated_usd DOUBLE,
    computed_usd DOUBLE
);
