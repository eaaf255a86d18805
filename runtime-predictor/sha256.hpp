// SHA-256, by which files and models are known again.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace wattfill {

// Text in pieces, its digest at the end. Throws std::runtime_error where OpenSSL has no SHA-256 to offer.
class Sha256 {
 public:
  static constexpr std::size_t kBytes = 32;

  Sha256();
  void add(std::string_view text);
  // Once; nothing can be added after it.
  std::array<unsigned char, kBytes> bytes();
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// In hexadecimal digits.
std::string sha256_hex(std::string_view text);

}  // namespace wattfill
