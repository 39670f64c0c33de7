using GpuMem.Estimation.Buffers;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Ranks;

public sealed class ContextExchangeTests
{
    private const long TokensOfRank = 8192 / 4;

    [Theory]
    [InlineData(ContextExchange.Ring, 2 * 4 * 1024)]
    [InlineData(ContextExchange.Ulysses, 2 * 2 * (4096 + 2048))]
    [InlineData(ContextExchange.AllGather, 2 * 2 * 1024 * 4)]
    public void Ranks_exchange_what_their_attention_needs(ContextExchange exchange, long bytesPerToken) =>
        Assert.Equal(TokensOfRank * bytesPerToken, Exchanged(context: 4, exchange));

    [Theory]
    [InlineData(ContextExchange.Ring)]
    [InlineData(ContextExchange.Ulysses)]
    [InlineData(ContextExchange.AllGather)]
    public void One_rank_exchanges_nothing(ContextExchange exchange) => Assert.Equal(0, Exchanged(context: 1, exchange));

    private static long Exchanged(int context, ContextExchange exchange)
    {
        var job = Example.Job(Example.Llama8B) with { Parallelism = new() { Context = context, Sharding = Sharding.Full, ContextExchange = exchange } };
        return new CommunicationBuffers(new RankContext(job, 0)).InLayer.Expected;
    }
}
