#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <vmail/directory.hpp>
#include <vmail/state.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

/// What takes entities out of service and brings them back, on the values alone: who, when and whether the server records it. Nothing is written.
class VMAIL_EXPORT service_change {
public:
    explicit service_change(directory& d);

    void disable(entry_state& e, std::string_view reason, const std::string& comment = {}) const;
    /// What is marked as removed works only once it is restored.
    void enable(entry_state& e) const;
    /// Where the server records reasons it also stops what works, for readers that look at accountActive alone.
    void mark_removed(entry_state& e) const;
    /// As it was before mark_removed(): what had been stopped for another reason stays so.
    void restore(entry_state& e) const;
    /// Brings back what only its end had stopped.
    void set_expiry(mailbox& m, const std::optional<expiry>& end, timestamp now) const;
    void set_expiry(alias& a, const std::optional<expiry>& end, timestamp now) const;

private:
    static void start(entry_state& e);
    template <typename Entity> void set_end(Entity& e, const std::optional<expiry>& end, timestamp now) const;

    directory& directory_;
    bool records_;
    std::string author_;
};

} // namespace vmail
