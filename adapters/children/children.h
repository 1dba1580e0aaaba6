/* children.h - the formats in which children's services tell the hub what happened. */
#ifndef CHILDREN_CHILDREN_H
#define CHILDREN_CHILDREN_H

#include "kit/mapping.h"

/* Children in need census, XML of 2017 to 2026. */
extern const kit_mapping childrens_cin_census;

#endif
