#pragma once

#include <string>
#include <vector>

#include <vmail/ldap/session.hpp>

#include <directory/faulty_proxy.hpp>
#include <sandbox/slapd.hpp>

#include "scratch_directory.hpp"

/// Two servers with one tree, each with what the other one was given at the start. What is written to one reaches the other through a link that
/// can be held back: so a replica is late for as long as a test wants, and not by chance.
class replicated_directory {
public:
    enum class kind {
        provider_and_consumer, ///< writes to the second are answered with a referral to the first
        multi_provider,        ///< both take writes
    };

    explicit replicated_directory(kind k);
    ~replicated_directory();

    std::string base() const { return "dc=replicated"; }
    std::string first_socket() const { return first_.socket(); }
    std::string second_socket() const { return second_.socket(); }
    std::string first() const { return first_.uri(); }   ///< its URI
    std::string second() const { return second_.uri(); } ///< its URI

    /// As cn=mailctl, the identity of the tools, which may do everything.
    vmail::ldap::session_options at(std::vector<std::string> uris) const;
    /// As cn=blind, which may not read creatorsName, or cn=half-blind, which may not read description. cn=blind-at-1 and
    /// cn=blind-at-2 may not read contextCSN, at the first server or at the second.
    vmail::ldap::session_options at(std::vector<std::string> uris, const std::string& who) const;

    void hold_back_second() { to_second_.hold(); } ///< the second gets nothing new until let_go()
    void hold_back_first() { to_first_.hold(); }
    void let_go();
    /// Returns once both have the same.
    void wait_until_even() const;

private:
    struct server {
        scratch_directory scratch{};
        std::filesystem::path dir() const { return scratch.path(); }
        std::string socket() const { return dir() / "ldapi"; }
        std::string uri() const;
        vmail::tools::slapd slapd() const;
    };

    void configure(const server& s, int id, const std::string& replication) const;
    void fill_both() const;

    server first_, second_;
    faulty_proxy to_second_{first_.socket()}, to_first_{second_.socket()};
    vmail::secret password_;
};
