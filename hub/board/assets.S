/* assets.S - the files of assets/ inside the program: the board serves nothing from a disk and nothing of anybody else's. */
        .section .rodata
        .macro asset name, file
        .global \name
        .balign 16
\name:  .incbin "\file"
        .global \name\()_end
\name\()_end:
        .byte 0
        .endm
        asset asset_library_css, "library.css.gz"
        asset asset_board_css, "board.css"
        asset asset_board_js, "board.js"
        asset asset_icon_svg, "icon.svg"
        asset asset_plots_js, "plots.js"
        asset asset_uplot_css, "uplot.css.gz"
        asset asset_uplot_js, "uplot.js.gz"
        .section .note.GNU-stack,"",@progbits
