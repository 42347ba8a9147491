#pragma once

// The state of a monitor as people see it, as SQL over app.monitors m and
// app.monitor_current c: what follows from the time and from being paused is added
// to what the commit wrote (domain/state.h).

// Until when results count as coming: two intervals and what one check may take
// after the latest result, or after a change, which is due at once.
#define FRESH_UNTIL                                                                          \
  "(greatest(c.last_result_at, m.updated_at) + 2 * m.every + m.timeout_ms * interval '1 ms'" \
  " + interval '30 s')"

// domain/state.h's numbers.
#define SHOWN_STATE                                                                   \
  "(CASE WHEN m.paused THEN 6 WHEN c.last_result_at IS NULL THEN 1 WHEN " FRESH_UNTIL \
  " < now() THEN 5 ELSE c.state END)"
