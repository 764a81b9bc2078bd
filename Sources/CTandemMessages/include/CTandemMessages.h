// Written by tools/generate-messages from proto/tandem/v1; do not edit.
#include "protocol.pb-c.h"
#include "documents.pb-c.h"
#include "search.pb-c.h"
#include "collections.pb-c.h"
#include "admin.pb-c.h"
