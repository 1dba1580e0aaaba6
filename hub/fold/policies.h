/* policies.h - compiled policies and who owns them. The core shares a policy and never ends one; whoever folds does, here. */
#ifndef FOLD_POLICIES_H
#define FOLD_POLICIES_H

#include "base/bytes.h"
#include "core/policy.h"
#include "mash/v1/record.pb-c.h"

/* {0} is an empty one. It must outlive every state that was folded with it. */
typedef struct fold_policies {
    core_policy **items; /* owned */
    size_t count, capacity;
} fold_policies;

/* Compiles sources as a record carries them; *out is SHARED, owned by `policies`.
 *   shown_folder  put before names in complaints; may be ""
 *   complaints    a line each, at the end; BORROWED
 * HUB_OK, HUB_ERR_INVALID (it does not compile), HUB_ERR_MEMORY. */
hub_status fold_policies_compile(fold_policies *policies, Mash__V1__PolicySource *const *sources, size_t count,
                                 const char *shown_folder, const core_policy **out, hub_buffer *complaints);
/* Ends a policy that nobody shares: one that was compiled and not adopted. */
void fold_policies_drop(fold_policies *policies, const core_policy *policy);
void fold_policies_close(fold_policies *policies);

#endif
