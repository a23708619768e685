/** The numbers of all names that a group of batches mentions, looked up before its transaction; nearly always from memory. */
import {
  type Arrival,
  EXTERNAL,
  type NewRun,
  type NewTask,
  type PreparedBatch,
  type Requirement,
} from '../index.ts';
import type { Names } from './names.ts';

export class GivenNames {
  readonly #tenants = new Map<string, number | undefined>();
  readonly #holders = new Map<string, number | undefined>();
  readonly #lanes = new Map<string, number>();
  readonly #taskLanes = new Map<string, number>();

  tenant(id: string): number | undefined {
    return this.#tenants.get(id);
  }

  holder(id: string): number | undefined {
    return this.#holders.get(id);
  }

  lane(run: NewRun): number | undefined {
    return this.#lanes.get(laneKey(run));
  }

  taskLane(tenant: string, task: NewTask): number | undefined {
    return this.#taskLanes.get(taskLaneKey(tenant, task));
  }

  /** Who creates something gives its names their numbers; who only refers to something does not. */
  async collect(names: Names, batches: readonly PreparedBatch[]): Promise<void> {
    for (const { batch, creates, arrivals, conclusion } of batches) {
      for (const { run } of creates) await this.#giveRun(names, run);
      if (conclusion) for (const { run } of conclusion.creates) await this.#giveRun(names, run);
      if (!this.#tenants.has(batch.run.tenant)) await this.#findTenant(names, batch.run.tenant);
      if (batch.fence !== EXTERNAL && !this.#holders.has(batch.fence.holder))
        await this.#findHolder(names, batch.fence.holder);
      if (batch.requires !== undefined) await this.#findRequired(names, batch.requires);
      for (const { arrival } of arrivals) await this.#findMeant(names, arrival);
      if (conclusion) for (const { arrival } of conclusion.arrivals) await this.#findMeant(names, arrival);
      for (const task of batch.tasks ?? []) await this.#giveTaskLane(names, batch.run.tenant, task);
    }
  }

  async #giveRun(names: Names, run: NewRun): Promise<void> {
    if (this.#lanes.has(laneKey(run)) && (run.holder === null || this.#holders.get(run.holder) !== undefined))
      return;
    const tenant = await names.giveTenant(run.tenant);
    this.#tenants.set(run.tenant, tenant);
    if (run.holder !== null) this.#holders.set(run.holder, await names.giveHolder(run.holder));
    this.#lanes.set(laneKey(run), await names.giveLane({ ...run, tenant }));
  }

  async #giveTaskLane(names: Names, tenantId: string, task: NewTask): Promise<void> {
    const tenant = await names.tenant(tenantId);
    if (tenant === undefined) return; // then there is no run of it either
    this.#taskLanes.set(taskLaneKey(tenantId, task), await names.giveTaskLane({ ...task, tenant }));
  }

  async #findMeant(names: Names, { run, requires }: Arrival): Promise<void> {
    await this.#findTenant(names, run.tenant);
    await this.#findRequired(names, requires);
  }

  async #findTenant(names: Names, id: string): Promise<void> {
    if (this.#tenants.get(id) === undefined) this.#tenants.set(id, await names.tenant(id));
  }

  async #findHolder(names: Names, id: string): Promise<void> {
    if (this.#holders.get(id) === undefined) this.#holders.set(id, await names.holder(id));
  }

  async #findRequired(names: Names, requires: Requirement | undefined): Promise<void> {
    if (requires?.task !== undefined) await this.#findHolder(names, requires.task.holder);
  }
}

function laneKey({ tenant, workflow, version, priority }: NewRun): string {
  return JSON.stringify([tenant, workflow, version, priority]);
}

function taskLaneKey(tenant: string, { queue, kind, priority }: NewTask): string {
  return JSON.stringify([tenant, queue, kind, priority]);
}
