#include "runtime-predictor/sha256.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace wattfill {
namespace {

void demand(int done) {
  if (done != 1) throw std::runtime_error("SHA-256 is not available in this OpenSSL");
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  demand(context_ ? EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) : 0);
}

void Sha256::add(std::string_view text) { demand(EVP_DigestUpdate(context_.get(), text.data(), text.size())); }

std::array<unsigned char, Sha256::kBytes> Sha256::bytes() {
  std::array<unsigned char, kBytes> digest{};
  demand(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
  return digest;
}

std::string Sha256::hex() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes()) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string sha256_hex(std::string_view text) {
  Sha256 digest;
  digest.add(text);
  return digest.hex();
}

}  // namespace wattfill
