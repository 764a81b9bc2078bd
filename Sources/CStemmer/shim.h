// Snowball stemmers (libstemmer-dev).
#include <libstemmer.h>
