// Upward: a hash knows no catalog.
#include "vam/catalog.hpp"
