# Read all figures with readr, and print the types it found and what it read.
suppressPackageStartupMessages(library(readr))

columns <- c("id", "statement", "value_status", "value", "share", "base_part", "period_start", "period_end")
address <- paste0(commandArgs(trailingOnly = TRUE)[1], "/v1/figures?format=csv")
figures <- read_csv(address, na = "", show_col_types = FALSE)
stopifnot(nrow(problems(figures)) == 0)
cat(vapply(figures[columns], function(column) class(column)[1], ""), sep = ",")
cat("\n", format_csv(figures[columns], na = "NA", quote = "all"), sep = "")
