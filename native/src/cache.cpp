#include "cache.h"

#include <unistd.h>

namespace selfloop {
namespace {

index_t measure() {
#if defined(_SC_LEVEL2_CACHE_SIZE)
  const long second = sysconf(_SC_LEVEL2_CACHE_SIZE);
  if (second > 0) return second / 2;
#endif
  return 512 * 1024;
}

}  // namespace

index_t resident_bytes() {
  static const index_t bytes = measure();
  return bytes;
}

}  // namespace selfloop
