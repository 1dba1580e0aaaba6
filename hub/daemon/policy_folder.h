/* policy_folder.h - the policy files of a folder as the command that adopts them; and what must hold before any policy is adopted. */
#ifndef DAEMON_POLICY_FOLDER_H
#define DAEMON_POLICY_FOLDER_H

#include "base/arena.h"
#include "fold/policies.h"
#include "mash/v1/bus.pb-c.h"

/* Reads every *.yaml below `folder` into an AdoptPolicy message in `arena`. HUB_ERR_IO, HUB_ERR_NOT_FOUND, HUB_ERR_INVALID (more than
 * one record holds), HUB_ERR_MEMORY. */
hub_status daemon_policy_folder_read(const char *folder, hub_arena *arena, Mash__V1__AdoptPolicy **out, hub_error *err);
/* Compiles the sources and checks them for `today` (days since 1970): a policy with a hole in it would leave somebody untold.
 *   shown_folder  put before names in complaints; may be ""
 *   out           SHARED, owned by `policies` (fold_policies_drop when it is not adopted); NULL on failure
 *   complaints    mistakes alone, a line each, at the end; BORROWED
 * HUB_OK, HUB_ERR_INVALID (there are complaints), HUB_ERR_MEMORY. */
hub_status daemon_policy_compile(fold_policies *policies, const Mash__V1__AdoptPolicy *adopt, const char *shown_folder,
                                 int32_t today, const core_policy **out, hub_buffer *complaints);

#endif
