/*
 * test_alias.c - where aliases lead, and until when: links of two times make a
 * way, and what nobody can reach binds nobody.
 */
#include "core_kit.h"

#include "base/text.h"
#include "core/alias.h"
#include "core/event.h"
#include "core/law.h"
#include "core/sighting.h"
