# Makes a static library of position-independent code from a folder of C files. The objects lie beside the archive
# while it is made, and are removed afterwards: whether the library is up to date is decided by the build system, which
# knows more than the times of files.
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
