// Sideways, and OpenMP where it has no place.
#include "vam/scan.hpp"
#pragma omp parallel
