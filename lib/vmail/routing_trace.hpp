#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/routing_recipient.hpp>

/// The way of a mail through Postfix with the maps of schema/postfix: at the door (RCPT), through virtual_alias_maps, to where it is delivered. Pure: what
/// the directory holds comes from lookups that the caller gives. Internal.
namespace vmail::routing {

/// Which map finds an address.
enum class holder { nobody, mailbox, forward, alias };

/// Words for why mail to an address does not arrive, beside those of service_word. They are stable: programs read them.
namespace loss_word {
inline constexpr std::string_view not_there = "not there";
inline constexpr std::string_view closed = "closed to mail";
inline constexpr std::string_view no_mailbox = "no mailbox";         ///< an alias, or a catch-all, that leads to itself
inline constexpr std::string_view not_taken = "not taken";           ///< no address of the backup domain that it is in
inline constexpr std::string_view routed = "routed";                 ///< by its local part (has_route()): allow_untrusted_routing
inline constexpr std::string_view unservable = "no user of dovecot"; ///< its local part needs quotes, or has a delimiter
inline constexpr std::string_view in_circle = "circle";              ///< it comes by an address again and again
inline constexpr std::string_view too_many = "too many recipients";  ///< virtual_alias_expansion_limit
inline constexpr std::string_view too_deep = "too many steps";       ///< virtual_alias_recursion_limit
inline constexpr std::string_view too_long = "too long an address";  ///< virtual_alias_address_length_limit
} // namespace loss_word

/// What there is under one address, or "@domain".
struct holding {
    holder kind = holder::nobody;
    std::vector<std::string> targets{}; ///< of a forward or an alias, as they are stored
    std::string server{};               ///< of an address of a mailing list: the domain that its mail is handed to
    std::string entry{};                ///< what is there and is found by no map: "mailbox", "alias"
    std::string why{};                  ///< why not: one of service_word or loss_word
    bool is_taken = false;              ///< an address of a backup domain, in service (relay_recipient_maps)
    bool answers = false;               ///< an automatic answer is on
    std::string answers_to{};           ///< vacationForward while it is: whoever answers may follow it, Postfix does not
    std::size_t entries = 0;            ///< that have the address; more than one is a fault of the tree
};

enum class domain_class {
    ours,      ///< virtual_mailbox_domains
    backup,    ///< relay_domains
    lists,     ///< of the list server
    elsewhere, ///< the directory does not have it
    hidden,    ///< whether the directory has it we may not know
};

struct domain_holding {
    domain_class kind = domain_class::elsewhere;
    std::string why{}; ///< of one in the directory that is not in service: "domain disabled" or "domain removed" of service_word
    std::string transport{}; ///< of one of ours, by which its mail is delivered in place of virtual_transport
    std::string renamed_to{}; ///< its name, where the one asked for is an old one that it has until its rename is done
};

/// What a trace asks. Addresses are in lower case, with quotes where they are needed.
struct surroundings {
    std::function<holding(const std::string& address)> find;
    std::function<domain_holding(const std::string& domain)> find_domain;
    std::string delimiters{}; ///< recipient_delimiter
};

/// Postfix' own limits.
inline constexpr std::size_t most_recipients = 1000;   ///< virtual_alias_expansion_limit
inline constexpr std::size_t longest_chain = 1000;     ///< virtual_alias_recursion_limit
inline constexpr std::size_t longest_address = 1000;   ///< bytes, virtual_alias_address_length_limit

/// Where a mail ends.
enum class ending {
    mailbox,
    list_server,
    backup,  ///< handed on to the server of a backup domain
    outside,
    server,  ///< an account of the mail server itself
    hidden,  ///< a domain that we may not see
    lost,
};

struct destination {
    std::string address{};   ///< the mailbox, or whom it is for elsewhere
    std::string recipient{}; ///< the same with its extension
    ending kind = ending::outside;
    std::string why{};       ///< of what is lost: one of service_word or loss_word
    std::string transport{}; ///< of the domain of a mailbox, if it has one of its own
};

/// One address that mail comes by.
struct step {
    std::string address{};
    std::string found{}; ///< what takes it: the address, the one without extension, or the catch-all; empty: nothing does
    holding what{};      ///< with its targets left out
    std::vector<std::string> to{}; ///< where it goes on, each with the extension; the first thousand
    std::size_t targets = 0;       ///< how many those are
    std::string passed_over{};     ///< why an entry of this very address does not get it
    std::string passed_entry{};    ///< what that is: "mailbox", "alias"
};

enum class outcome {
    arrives,  ///< all of it
    partly,   ///< some of it is lost
    lost,     ///< it is accepted, and nothing of it arrives
    refused,  ///< at the door
    deferred, ///< Postfix cannot expand the aliases: it says try again, for ever
    outside,  ///< its domain is not in the directory: this server sends such mail on for its own people, and refuses it from strangers
};

struct trace {
    std::string address{};
    routing::outcome outcome = routing::outcome::outside;
    std::string why{};                 ///< of a refusal and a deferral: one of service_word or loss_word
    bool is_domains{};                 ///< it is the domain that is refused
    std::string renamed_to{};          ///< of the domain, while it is on its way to another name
    std::vector<destination> ends{};   ///< each recipient once
    std::vector<step> steps{};         ///< each address once, in the order in which Postfix comes by it; the first is that of the mail
    std::size_t steps_left_out = 0;
    std::vector<std::string> circle{}; ///< entries in their order, the first one again at the end
};

/// Bounded, whatever the tree holds, by Postfix' limits.
trace trace_of(const recipient& r, const surroundings& where);

/// Whether all of it arrives, or leaves for where we do not see it.
bool is_well(const trace& t) noexcept;

} // namespace vmail::routing
