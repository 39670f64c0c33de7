using GpuMem.Operator.Tests.Support;

namespace GpuMem.Operator.Tests.TrainingJobs;

public sealed class ChildTrimTests
{
    [Fact]
    public async Task What_is_kept_of_a_child_says_the_same_of_it_without_its_template()
    {
        await using var cluster = await LiveCluster.StartAsync(Example.Node("h100-0"));
        var reconciler = new Reconciler(cluster);
        var job = await reconciler.CreateAsync(Example.Small);
        await reconciler.RunAsync();
        await reconciler.PatchAsync<V1Job>("""
            {"metadata": {"annotations": {"gpumem.io/suspended": "true", "other": "x"}}, "spec": {"suspend": true},
             "status": {"active": 1, "conditions": [{"type": "Failed", "status": "False"}]}}
            """);

        var child = (await reconciler.ChildAsync())!;
        var kept = ChildTrim.Trim(child);
        Assert.Equal((child.Name(), child.Namespace(), child.Uid(), child.ResourceVersion()), (kept.Name(), kept.Namespace(), kept.Uid(), kept.ResourceVersion()));
        Assert.True(kept.IsOwnedBy(job));
        Assert.Equal(Conditions.PhaseOf(child), Conditions.PhaseOf(kept));
        Assert.Equal(child.Status!.Active, kept.Status!.Active);
        Assert.Equal("true", kept.GetAnnotation(ChildWorkload.SuspendedAnnotation));
        Assert.NotNull(ChildWorkload.ReadPlan(kept));
        Assert.NotNull(kept.GetLabel("gpumem.io/training-job"));
        Assert.Null(kept.GetAnnotation("other"));
        Assert.NotNull(child.Spec!.Template);
        Assert.Null(kept.Spec!.Template);
    }
}
