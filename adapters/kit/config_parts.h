/* config_parts.h - inside the configuration: values and sections. For config*.c, and for outbound delivery, whose file is of the same style. */
#ifndef KIT_CONFIG_PARTS_H
#define KIT_CONFIG_PARTS_H

#include "config.h"

/* `name`, `folder` and `key`; `hub`: whoever speaks with a hub has them. */
void kit_config_common(const yaml_node *root, kit_config *out, yaml_problems *problems);
void kit_config_hub(const yaml_node *hub, kit_config *out, yaml_problems *problems);
void kit_config_telephone(const yaml_node *telephone, kit_config *out, yaml_problems *problems);
/* A text of at most size - 1 bytes. A node that is NULL gives "". */
void kit_config_text(const yaml_node *node, char *out, size_t size, yaml_problems *problems);
/* A path, relative to the configuration's folder. */
void kit_config_file(const kit_config *config, const yaml_node *node, char out[KIT_PATH_MAX], yaml_problems *problems);
int64_t kit_config_number(const yaml_node *node, int64_t otherwise, int64_t least, int64_t most, yaml_problems *problems);
/* The mapping of this name, which must be of the configuration's agency. */
const kit_mapping *kit_config_mapping(const kit_config *config, const yaml_node *node, const kit_mapping *const *mappings,
                                      yaml_problems *problems);

/* `transport` and `detail`; the latter may be NULL. */
void kit_config_transport(const yaml_node *transport, const kit_mapping *const *mappings, kit_config *out,
                          yaml_problems *problems);
void kit_config_detail(const yaml_node *detail, kit_config *out, yaml_problems *problems);

#endif
