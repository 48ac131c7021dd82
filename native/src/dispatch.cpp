#include "dispatch.h"

#include <cstdlib>
#include <stdexcept>

namespace selfloop {

const Isa& isa_plain();
#if defined(__x86_64__)
const Isa& isa_avx2();
const Isa& isa_wide();
#if !defined(SELFLOOP_WITHOUT_AVX512)
const Isa& isa_avx512();
#endif
#elif defined(__aarch64__)
const Isa& isa_neon();
#endif

namespace {

struct Candidate {
  const char* name;
  const Isa& (*get)();
  bool runs;       // on this processor; GCC's and Clang's test asks the operating system, too
  bool automatic;  // chosen without being named
};

std::vector<Candidate> candidates() {
  std::vector<Candidate> all{{"plain", isa_plain, true, true}};
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  all.push_back({"wide", isa_wide, avx2, false});
  all.push_back({"avx2", isa_avx2, avx2, true});
#if !defined(SELFLOOP_WITHOUT_AVX512)
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  all.push_back({"avx512", isa_avx512, avx512, true});
#endif
#elif defined(__aarch64__)
  all.push_back({"neon", isa_neon, true, true});
#endif
  return all;
}

std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

const Isa& choose() {
  const char* variable = std::getenv("SELFLOOP_ISA");
  const std::string wanted = variable ? variable : "";  // set to nothing is not set
  const Candidate* chosen = nullptr;
  const std::vector<Candidate> all = candidates();
  for (const Candidate& candidate : all) {
    if (candidate.runs && (wanted.empty() ? candidate.automatic : wanted == candidate.name)) chosen = &candidate;
  }
  if (chosen) return chosen->get();
  throw std::runtime_error("SELFLOOP_ISA is '" + wanted + "'; this build runs on this processor with " +
                           listed(available_isas()) + ". Unset it to have the best of them.");
}

}  // namespace

const Isa& isa() {
  static const Isa& chosen = choose();
  return chosen;
}

std::vector<std::string> available_isas() {
  std::vector<std::string> names;
  for (const Candidate& candidate : candidates()) {
    if (candidate.runs) names.push_back(candidate.name);
  }
  return names;
}

}  // namespace selfloop
