using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;
using GpuMem.Estimation.States;

namespace GpuMem.Estimation.Tests.States;

/// <summary>Recipes of jobs that state the types of their tensors, and of those that state FP8.</summary>
public sealed class StatedTypeTests
{
    private const long Parameters = 8_030_261_248;

    private static readonly DataTypes Half = new() { Compute = DataType.BF16, Weights = DataType.BF16, Gradients = DataType.BF16, Moments = DataType.BF16 };

    [Theory]
    [InlineData(DataType.BF16, DataType.BF16, 8)]
    [InlineData(DataType.BF16, DataType.FP32, 12)]
    [InlineData(DataType.FP32, DataType.FP32, 14)]
    public void Stated_types_add_up(DataType gradients, DataType moments, int bytes) =>
        Assert.Equal(bytes * Parameters, Least(Half with { Gradients = gradients, Moments = moments }));

    [Fact]
    public void A_master_copy_adds_its_own_bytes() =>
        Assert.Equal(18 * Parameters, Least(Half with { MasterWeights = CopyType.FP32, Gradients = DataType.FP32, Moments = DataType.FP32 }));

    [Fact]
    public void A_second_copy_of_gradients_lives_in_the_step()
    {
        var recipe = Recipe(TrainingFramework.DDP, Half with { GradientCopy = CopyType.FP32 });
        Assert.Equal((2, 4), (recipe.Gradient, recipe.GradientCopy));
    }

    [Fact]
    public void DeepSpeed_widens_half_gradients_for_its_master_copy() =>
        Assert.Equal(4, Recipe(TrainingFramework.DeepSpeed, Half with { MasterWeights = CopyType.FP32 }).GradientCopy);

    [Fact]
    public void One_type_alone_leaves_the_others_as_the_framework_has_them()
    {
        var usual = Recipe(TrainingFramework.Megatron, new DataTypes());
        var stated = Recipe(TrainingFramework.Megatron, new DataTypes { Moments = DataType.BF16 });
        Assert.Equal((2, 4, 4, 4), (usual.Weight, usual.Master, usual.Gradient, usual.Moment));
        Assert.Equal(usual with { Moment = 2 }, stated);
    }

    [Theory]
    [InlineData(DataType.BF16, 2)]
    [InlineData(DataType.FP32, 4)]
    public void Without_a_master_copy_gradients_and_moments_have_the_type_of_the_weights(DataType weights, int bytes)
    {
        var recipe = Recipe(TrainingFramework.PyTorchFSDP, new DataTypes { Weights = weights });
        Assert.Equal((bytes, 0, bytes, bytes), (recipe.Weight, recipe.Master, recipe.Gradient, recipe.Moment));
    }

    [Fact]
    public void Weights_in_fp32_are_their_own_master_copy() => Assert.Equal(0, Recipe(TrainingFramework.DeepSpeed, new DataTypes { Weights = DataType.FP32 }).Master);

    [Theory]
    [InlineData(TrainingFramework.DeepSpeed, Precision.BF16)]
    [InlineData(TrainingFramework.Megatron, Precision.FP32)]
    [InlineData(TrainingFramework.Nanotron, Precision.BF16)]
    public void A_framework_with_a_gradient_buffer_keeps_it_in_any_precision(TrainingFramework framework, Precision precision)
    {
        var job = Job(framework);
        Assert.True(StateRecipe.For(job with { Training = job.Training with { Precision = precision } }).PersistentGradients);
    }

    [Fact]
    public void Fp32_weights_with_half_products_are_autocast_where_nothing_is_sharded()
    {
        var types = Half with { Weights = DataType.FP32 };
        Assert.True(Recipe(TrainingFramework.DDP, types).Autocast);
        Assert.False(Recipe(TrainingFramework.PyTorchFSDP, types).Autocast);
    }

    [Fact]
    public void TF32_is_a_mode_whose_storage_is_fp32() =>
        Assert.Equal(16 * Parameters, Least(new() { Compute = DataType.TF32, Weights = DataType.TF32, Gradients = DataType.TF32, Moments = DataType.TF32 }));

    [Fact]
    public void MS_AMP_keeps_seven_bytes_per_parameter()
    {
        // arXiv 2310.18313: weights 1, master 2, gradient 1, first moment 1, second moment 2.
        var job = Job(TrainingFramework.DDP);
        job = job with { Training = job.Training with { Precision = Precision.FP8MSAMP } };
        Assert.Equal(7, StateRecipe.For(job).Sum);
        Assert.Equal(7 * Parameters, new ModelStates(new RankContext(job, 0)).Least);
    }

    [Theory]
    [InlineData(TrainingFramework.Megatron, 18)]
    [InlineData(TrainingFramework.DDP, 16)]
    public void FP8_products_change_no_state(TrainingFramework framework, int bytes)
    {
        var job = Job(framework);
        job = job with { Training = job.Training with { Precision = Precision.FP8 } };
        Assert.Equal(bytes * Parameters, new ModelStates(new RankContext(job, 0)).Least);
        Assert.True(StateRecipe.For(job).NarrowProducts);
    }

    private static long Least(DataTypes types) => new ModelStates(new RankContext(With(Job(TrainingFramework.DDP), types), 0)).Least;

    private static StateRecipe Recipe(TrainingFramework framework, DataTypes types) => StateRecipe.For(With(Job(framework), types));

    private static JobSpec With(JobSpec job, DataTypes types) => job with { Training = job.Training with { DataTypes = types } };

    private static JobSpec Job(TrainingFramework framework) =>
        Example.Job(Example.Llama8B, framework, sharding: framework == TrainingFramework.PyTorchFSDP ? Sharding.Full : Sharding.None);
}
