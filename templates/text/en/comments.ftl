# Comments on a document or an invoice.
title = Comments
you = From you
label = Your comment
hint = At most { $max } characters. You will find the answer here.
submit = Send comment
missing = Write what you would like to tell us.
too-long = Shorten the comment to at most { $max } characters.
invalid = The comment contains invisible control characters. Please enter it without them.
full = There are { $max } comments on this document already, and no more are possible. Please contact us directly.
too-many = You have written a great many comments in the last hour. Your text is still here: please send it again in an hour.
