/* children.h - the formats in which children's services tell the hub what happened. */
#ifndef CHILDREN_CHILDREN_H
#define CHILDREN_CHILDREN_H

#include "kit/mapping.h"

/* Children in need census, XML of 2017 to 2026. */
extern const kit_mapping childrens_cin_census;

/* The DfE's children's social care data, JSON of 0.4 to 0.8: a list of children, each with all that is known of them. */
extern const kit_mapping childrens_csc_json;

#endif
