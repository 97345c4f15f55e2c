# One static, position-independent library out of a folder of C files. Objects live beside the archive while it is
# made, and go with it: what is fresh is the build system's business, which knows more than file times.
#
#   make -f archive.mk ARCHIVE=out/libz.a SRC=vendor/zlib SUBDIR=. [MORE="lib/a.c"] CFLAGS="…"

.SUFFIXES:
.DELETE_ON_ERROR:

AR ?= ar
OBJDIR := $(ARCHIVE).objs
FILES := $(patsubst ./%,%,$(patsubst $(SRC)/%,%,$(wildcard $(SRC)/$(SUBDIR)/*.c))) $(MORE)
OBJECTS := $(patsubst %.c,$(OBJDIR)/%.o,$(FILES))

$(ARCHIVE): $(OBJECTS)
	rm -f $@
	$(AR) rcsD $@ $(sort $^)
	rm -rf $(OBJDIR)

$(OBJDIR)/%.o: $(SRC)/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c $< -o $@
