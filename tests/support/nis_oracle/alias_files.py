"""Alias files as administrators write them, made from a seed: each construct of aliases(5) alone, and all of them mixed."""

import random
from dataclasses import dataclass, field

DOMAIN = "example.org"


@dataclass
class Definition:
    """What the generator knows of a definition; a reader of the file may see it otherwise."""

    names: set  # the names, in lower case, that it may be taken for
    first: int  # its physical lines
    last: int
    refers: set  # the local names that it leads to, in lower case


@dataclass
class AliasFile:
    title: str
    logins: list
    lines: list = field(default_factory=list)
    definitions: list = field(default_factory=list)

    @property
    def text(self):
        return "".join(line + "\n" for line in self.lines)

    @property
    def passwd(self):
        return "".join(f"{login}:*:{1000 + i}:100::/home/{login}:/bin/sh\n" for i, login in enumerate(self.logins))

    def asked(self):
        """The local parts to ask about: logins, and all that stands left or right of a colon."""
        names = {login.lower() for login in self.logins}
        for d in self.definitions:
            names |= d.names | d.refers
        return sorted(n for n in names if n)

    def add(self, names, text, refers=()):
        lines = text.split("\n")
        first = len(self.lines) + 1
        self.lines += lines
        names = {names} if isinstance(names, str) else set(names)
        self.definitions.append(Definition({n.lower() for n in names}, first, len(self.lines), {r.lower() for r in refers}))


class Maker:
    """Adds constructs to a file."""

    def __init__(self, file, rng, shortcuts):
        self.file, self.rng = file, rng
        self.shortcuts = shortcuts  # whether a loop may have a loop within: Postfix would try 2^100 ways
        self.known = list(file.logins)  # what a target may be called
        self.count = 0

    # ---- parts

    def name(self):
        self.count += 1
        return self.rng.choice(["l{}", "list-{}", "Team{}", "a.b{}", "x_{}"]).format(self.count)

    def login(self):
        return self.rng.choice(self.file.logins)

    def local(self):
        return self.rng.choice(self.known)

    def case(self, name):
        return self.rng.choice([name, name, name, name.upper(), name.capitalize()])

    def outside(self):
        return f"{self.rng.choice('pqr')}{self.rng.randrange(100)}@{self.rng.choice(['example.net', 'Example.COM', 'mx.example.net'])}"

    def targets(self, most=4):
        """A few good targets, and the local names among them."""
        texts, refers = [], []
        for _ in range(self.rng.randint(1, most)):
            if self.rng.random() < 0.6:
                refers.append(self.local())
                texts.append(self.case(refers[-1]))
            else:
                texts.append(self.outside())
        return texts, refers

    def define(self, name, texts, refers, comma=", ", colon=": "):
        self.file.add(name, name + colon + comma.join(texts), refers)
        self.known.append(name)

    def plain_line(self):
        texts, refers = self.targets()
        self.define(self.name(), texts, refers)

    def with_target(self, text, refers=()):
        """A list that has this target among good ones."""
        texts, others = self.targets(2)
        texts.insert(self.rng.randint(0, len(texts)), text)
        self.define(self.name(), texts, [*others, *refers])

    # ---- constructs: the name of each method is the title of its files

    def plain(self):
        for _ in range(3):
            self.plain_line()

    def chain(self):
        names = [self.name() for _ in range(self.rng.randint(2, 8))]
        end, refers = self.targets()
        links = [(a, [self.case(b)], [b]) for a, b in zip(names, names[1:])] + [(names[-1], end, refers)]
        self.rng.shuffle(links)
        for link in links:
            self.define(*link)

    def duplicate_names(self):
        name = self.name()
        for _ in range(self.rng.randint(2, 3)):
            texts, refers = self.targets()
            self.define(self.case(name), texts, refers)

    def duplicate_targets(self):
        texts, refers = self.targets(3)
        again = [self.case(t) if "@" not in t else t for t in texts]
        self.define(self.name(), texts + again + [f"{r}@{DOMAIN}" for r in refers], refers)

    def forward(self):
        login = self.login()
        self.define(self.case(login), [self.outside() for _ in range(self.rng.randint(1, 2))], [])
        self.with_target(login, [login])

    def forward_local(self):
        a, b = self.rng.sample(self.file.logins, 2)
        self.define(a, [b], [b])
        self.with_target(a, [a])

    def kept_copy(self):
        login = self.login()
        own = self.rng.choice([login, "\\" + login, login.upper()])
        self.define(login, [own, self.outside()], [login])
        self.with_target(login, [login])

    def kept_copies_of_each_other(self):
        a, b = self.rng.sample(self.file.logins, 2)
        self.define(a, ["\\" + a, b], [a, b])
        self.define(b, ["\\" + b, a], [a, b])
        self.with_target(a, [a])

    def past_the_forward(self):
        login = self.login()
        if self.rng.random() < 0.7:
            self.define(login, [self.outside()], [])
        self.with_target("\\" + login, [login])

    def backslash_alias(self):
        self.plain_line()
        name = self.file.lines[-1].split(":")[0]
        self.with_target("\\" + name, [name])

    def own_domain_target(self):
        local = self.local()
        self.with_target(local + "@" + self.rng.choice([DOMAIN, DOMAIN.upper(), "localhost", DOMAIN + "."]), [local])

    def own_domain_name(self):
        name = self.name()
        texts, refers = self.targets()
        self.file.add(name, f"{name}@{self.rng.choice([DOMAIN, DOMAIN.upper(), 'localhost'])}: {', '.join(texts)}", refers)
        self.known.append(name)

    def other_domain_name(self):
        name = self.name()
        texts, refers = self.targets()
        self.file.add(name, f"{name}@example.net: {', '.join(texts)}", refers)

    def detail(self):
        local = self.local()
        self.with_target(self.case(local) + "+lists", [local])

    def detail_name(self):
        texts, refers = self.targets()
        self.define(self.login() + "+news", texts, refers)
        name = self.file.lines[-1].split(":")[0]
        self.with_target(name, [name])

    def capitals(self):
        local = self.local()
        self.with_target(local.upper(), [local])
        self.with_target(local.upper() + "@" + DOMAIN.upper(), [local])

    def loop(self):
        names = [self.name() for _ in range(self.rng.randint(2, 6))]
        for a, b in zip(names, names[1:] + names[:1]):
            self.define(a, [b], [b])
        self.with_target(names[0], [names[0]])

    def loop_with_exits(self):
        names = [self.name() for _ in range(self.rng.randint(2, 5))]
        for a, b in zip(names, names[1:] + names[:1]):
            texts, refers = self.targets(2) if self.shortcuts else ([self.outside()], [])
            self.define(a, [b, *texts] if self.rng.random() < 0.5 else [*texts, b], [b, *refers])
        self.with_target(names[0], [names[0]])

    def loop_of_logins(self):
        logins = self.rng.sample(self.file.logins, self.rng.randint(2, 3))
        for a, b in zip(logins, logins[1:] + logins[:1]):
            self.define(a, [b], [b])

    def loop_of_logins_with_exits(self):
        logins = self.rng.sample(self.file.logins, self.rng.randint(2, 3))
        for a, b in zip(logins, logins[1:] + logins[:1]):
            self.define(a, [b, self.outside()], [b])

    def itself(self):
        login = self.login()
        self.define(login, [self.rng.choice([login, "\\" + login, login.upper(), f"{login}@{DOMAIN}"])], [login])

    def itself_without_user(self):
        name = self.name()
        self.define(name, [name], [name])
        name = self.name()
        self.define(name, [name, self.outside()], [name])

    def unknown(self):
        self.with_target("nobody-here", ["nobody-here"])
        self.define(self.name(), ["gone"], ["gone"])
        self.with_target(self.file.definitions[-1].names and self.file.lines[-1].split(":")[0])

    def unknown_own_domain(self):
        self.with_target(f"nobody-here@{DOMAIN}", ["nobody-here"])

    def program(self):
        self.with_target(self.rng.choice(["|/bin/prog", '"|/bin/prog -a b"', '|"/bin/prog a, b"', '"|/bin/prog \\"a\\", b"', "| /bin/prog"]))

    def file_target(self):
        self.with_target(self.rng.choice(["/var/tmp/archive", '"/var/tmp/a b"', "/dev/null"]))

    def forward_to_program(self):
        login = self.login()
        self.define(login, ["\\" + login, '"|/usr/bin/vacation ' + login + '"'], [login])

    def include(self):
        self.with_target(self.rng.choice([":include:/nonexistent/list", '":include:/nonexistent/list"', ":Include:/nonexistent/list"]))

    def error(self):
        self.define(self.name(), [self.rng.choice(["error:5.1.1:no such", "error:nouser gone", '"error:nouser gone, sorry"'])], [])

    def very_long_line(self):
        self.define(self.name(), [f"member{i}@example.net" for i in range(self.rng.choice([100, 400, 1500]))], [])

    def many_continuations(self):
        texts = [f"member{i}@example.net" for i in range(300)]
        self.define(self.name(), texts, [], comma=self.rng.choice([",\n  ", ",\n\t", "\n  ,"]))

    def blank_separated(self):
        a, b = self.local(), self.local()
        self.define(self.name(), [a, b], [a, b], comma=self.rng.choice([" ", "\t", "\n  "]))

    def blank_separated_outside(self):
        self.define(self.name(), [self.outside(), self.outside()], [], comma=" ")

    def continuation(self):
        texts, refers = self.targets(5)
        self.define(self.name(), texts, refers, comma=self.rng.choice([",\n\t", ",\n ", "\n\t,", " ,\n   ", ",\n, "][:4]))

    def name_alone(self):
        texts, refers = self.targets(5)
        self.define(self.name(), texts, refers, comma=",\n\t", colon=":\n\t")

    def comma_last(self):
        texts, refers = self.targets()
        self.define(self.name(), texts, refers)
        self.file.lines[-1] += self.rng.choice([",", " , ", ",,"])

    def colon_styles(self):
        texts, refers = self.targets()
        self.define(self.name(), texts, refers, colon=self.rng.choice([":", " : ", "\t:\t", ":   "]))

    def hash_comment(self):
        texts, refers = self.targets(2)
        self.define(self.name(), texts, refers)
        self.file.lines[-1] += " # not " + self.login()

    def hash_after_comma(self):
        a, b = self.local(), self.local()
        name = self.name()
        self.file.add(name, f"{name}: {a}, # the first\n\t{b} # the second", [a, b])

    def comment_inside(self):
        texts, refers = self.targets(3)
        texts.append(self.outside())
        self.define(self.name(), texts, refers, comma=",\n# not now\n  ")

    def indented_comment_inside(self):
        texts, refers = self.targets(3)
        texts.append(self.outside())
        self.define(self.name(), texts, refers, comma=",\n  # not now\n  ")

    def blank_inside(self):
        texts, refers = self.targets(3)
        texts.append(self.outside())
        self.define(self.name(), texts, refers, comma=self.rng.choice([",\n\n  ", ",\n   \n  "]))

    def backslash_newline(self):
        texts, refers = self.targets(3)
        texts.append(self.outside())
        self.define(self.name(), texts, refers, comma=self.rng.choice([", \\\n", ",\\\n", ", \\\n  "]))

    def backslash_before_definition(self):
        name, other = self.name(), self.name()
        a, b = self.local(), self.local()
        self.file.add({name, other}, f"{name}: {a}, \\\n{other}: {b}", [a, b])

    def angle(self):
        a = self.local()
        self.with_target(self.rng.choice([f"Some Body <{a}>", f'"Body, Some" <{a}>', f"<{a}>", f"Some Body <{a}@{DOMAIN}>", f'"Some" Body<{a}>']), [a])
        self.with_target(f"Some Body <{self.outside()}>")

    def comment_in_parentheses(self):
        a = self.local()
        self.with_target(self.rng.choice([f"{a} (Some Body)", f"(Some Body) {a}", f"{a} (Body (Some), of us)", f"{a}(x)"]), [a])

    def quoted_local_part(self):
        self.with_target(self.rng.choice(['"q, q"@example.net', '"joe#1"@example.net', '"a b"@example.net', '"a@b"@example.net', '"p1"@example.net']))

    def quoted_name(self):
        texts, refers = self.targets()
        name = self.rng.choice(['"sala riunioni"', '"plain"', '"a.b"', '"a, b"', '"a#b"'])
        bare = name.strip('"')
        self.file.add(bare, f"{name}: {', '.join(texts)}", refers)
        self.with_target(name, [bare])

    def quoted_target(self):
        a = self.local()
        self.with_target(f'"{a}"', [a])

    def group(self):
        a, b = self.local(), self.local()
        self.define(self.name(), [f"Team: {a}, {b};"], [a, b])

    def source_route(self):
        self.with_target(self.rng.choice(["<@example.com:p1@example.net>", "<@example.com,@example.edu:p1@example.net>"]))

    def bang_path(self):
        self.with_target(self.rng.choice(["host!user", "host!user@example.net", "a!b!user"]))

    def percent(self):
        self.with_target("user%example.edu@example.net")

    def owner(self):
        name = self.name()
        texts, refers = self.targets()
        a, b = self.login(), self.login()
        self.define(name, texts, refers)
        self.define("owner-" + name, [a], [a])
        self.define(name + "-request", [b], [b])

    def owner_reached(self):
        a, b = self.login(), self.login()
        self.define("all", ["part", self.outside()], ["part"])
        self.define("part", [a, b, self.outside()], [a, b])
        self.define("owner-all", ["owner-part"], ["owner-part"])
        self.define("owner-part", [b], [b])

    def no_value(self):
        name = self.name()
        self.file.add(name, self.rng.choice([f"{name}:", f"{name}:   ", f"{name}: ,"]))
        self.with_target(name, [name])

    def no_colon(self):
        name = self.name()
        self.file.add(name, self.rng.choice([name, f"{name} {self.login()}"]))
        self.plain_line()

    def leading_continuation(self):
        if not self.file.lines:
            self.file.add("", "  " + self.login())
        self.plain_line()

    def blanks_and_comments(self):
        self.file.add("", self.rng.choice(["", "   ", "\t", "# a comment: of, course", "#"]))
        self.plain_line()

    def empty_items(self):
        texts, refers = self.targets()
        self.define(self.name(), texts, refers, comma=self.rng.choice([",,", ", ,", " , , "]))

    def bad_addresses(self):
        self.with_target(self.rng.choice(["x@y@example.net", "@example.net", "x@", "<>", '"open', "x@-.net", ".x@example.net", "x..y@example.net", "x,y@host"]))

    def non_ascii(self):
        self.with_target(self.rng.choice(["vall\u00ec", "vall\u00ec@example.net"]))

    def odd_names(self):
        name = self.rng.choice(["*", "a b", "a,b", "", "+", "x" * 65, "a!b", "a%b", "caf\u00e9", "a/b", "a=b", "a'b", "@" + DOMAIN, "a@b@c", "/x"])
        texts, refers = self.targets()
        # Sendmail makes a dot of a blank (option BlankSub).
        self.file.add({name, name.replace(" ", ".")}, f"{name}: {', '.join(texts)}", refers)

    def system_names(self):
        a = self.login()
        self.define("postmaster", ["root"], ["root"])
        self.define("MAILER-DAEMON", ["postmaster"], ["postmaster"])
        self.define("root", [a], [a])
        self.define("abuse", ["postmaster"], ["postmaster"])

    def nested_lists(self):
        previous = None
        for _ in range(self.rng.randint(3, 6)):
            texts, refers = self.targets(3)
            if previous:
                texts, refers = [*texts, previous, previous], [*refers, previous]
            previous = self.name()
            self.define(previous, texts, refers)

    def dots_in_target(self):
        login = self.login()
        self.define("name.surname", [login], [login])
        self.with_target("Name.Surname", ["name.surname"])

    def carriage_returns(self):
        self.plain_line()
        self.file.lines[-1] += "\r"


CONSTRUCTS = [name for name, value in vars(Maker).items() if callable(value) and not name.startswith("_")]
CONSTRUCTS = CONSTRUCTS[CONSTRUCTS.index("plain"):]


def make_files(seed, times, server):
    """For the server, "sendmail" or "postfix": each construct `times` times alone, then all of them mixed, a few and many at a time."""
    def new(title, logins):
        rng = random.Random(f"{seed} {title}")
        file = AliasFile(title, [f"u{i}" for i in range(logins)])
        return Maker(file, rng, server != "postfix"), rng

    for construct in CONSTRUCTS:
        for i in range(times):
            maker, _ = new(f"{construct} {i}", 4)
            getattr(maker, construct)()
            yield maker.file
    for kind, number, size, logins in (("some", 6 * times, 8, 5), ("many", 2 * times, 120, 30)):
        for i in range(number):
            maker, rng = new(f"{kind} mixed {i}", logins)
            for _ in range(size):
                getattr(maker, rng.choice(CONSTRUCTS))()
            yield maker.file
