/** What the imported graph calls: `module.function` as the file names it. Each gets the state, and gives what changes in it. */
export { answer as 'triage.answer', classify as 'triage.classify', page as 'triage.page' };

interface Ticket {
  readonly subject: string;
  readonly severity?: 'high' | 'low';
}

interface State {
  readonly ticket: Ticket;
}

function classify({ ticket }: State): State {
  const severity = /\b(?:down|outage|lost)\b/i.test(ticket.subject) ? 'high' : 'low';
  return { ticket: { ...ticket, severity } };
}

function page({ ticket }: State): { readonly done: string } {
  return { done: `paged the engineer on call: ${ticket.subject}` };
}

function answer({ ticket }: State): { readonly done: string } {
  return { done: `answered: we have got "${ticket.subject}" and look at it tomorrow` };
}
