using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Tests.TrainingJobs;

public sealed class TrainingJobStageTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("3", 3)]
    public void An_annotation_names_a_stage(string text, int stage)
    {
        Assert.Equal(stage, TrainingJobStage.Of(With(text), out var problem));
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("4")]
    [InlineData("-1")]
    [InlineData("last")]
    [InlineData("")]
    public void What_is_no_stage_of_the_pipeline_is_told_with_those_there_are(string text)
    {
        Assert.Null(TrainingJobStage.Of(With(text), out var problem));
        Assert.Contains("stages 0 to 3 of pipeline 4", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_one_the_most_loaded_stage_is_meant()
    {
        Assert.Null(TrainingJobStage.Of(Jobs.Of("parallelism: {pipeline: 4}"), out var problem));
        Assert.Null(problem);
    }

    private static TrainingJob With(string text)
    {
        var job = Jobs.Of("parallelism: {pipeline: 4}");
        job.Metadata.Annotations = new Dictionary<string, string> { [TrainingJobStage.Annotation] = text };
        return job;
    }
}
