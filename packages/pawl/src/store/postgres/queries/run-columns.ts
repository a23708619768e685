/** What every query of whole runs selects; the names stand in rows of their own and are joined by number. */

export interface RunColumns {
  readonly num: number;
  readonly tenant: string;
  readonly id: string;
  readonly workflow: string;
  readonly version: string;
  readonly priority: number;
  readonly format: number;
  readonly status: number;
  readonly park_reason: string | null;
  readonly holder: string | null;
  readonly epoch: number;
  readonly strikes: number;
  readonly due_at: number | null;
  readonly deadline_at: number | null;
  readonly last_seq: number;
  readonly arrived_seq: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_nano_usd: number;
  readonly labels: string | null;
  readonly root_id: string | null;
  readonly parent_id: string | null;
  readonly parent_path: string | null;
  readonly depth: number;
}

/** Primary keys of `lanes`, `tenants` and `holders`, for the rows that stand as `r`. */
export const RUN_COLUMNS = `r.num, t.id as tenant, r.id, l.workflow, l.version, l.priority, l.format, r.status, r.park_reason,
    h.id as holder, r.epoch, r.strikes, r.due_at, r.deadline_at, r.last_seq, r.arrived_seq, r.created_at, r.updated_at,
    r.input_tokens, r.output_tokens, r.cost_nano_usd, r.labels, r.root_id, r.parent_id, r.parent_path, r.depth`;

export const WITH_NAMES = `join pawl.lanes l on l.num = r.lane join pawl.tenants t on t.num = r.tenant
  left join pawl.holders h on h.num = r.holder`;

export const SELECT_RUNS = `select ${RUN_COLUMNS} from pawl.runs r ${WITH_NAMES}`;
