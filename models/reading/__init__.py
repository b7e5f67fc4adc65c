"""What models read out of a lesson's material: objectives, comprehension, how a tutor taught."""
